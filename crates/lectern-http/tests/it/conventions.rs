//! What holds for every route: unknown paths and methods, slashes, headers, CORS.

use crate::support::on_every_database;
use actix_web::{http::Method, test::TestRequest};

#[test]
fn paths_and_methods() {
    on_every_database(async |server| {
        for (method, path, status, body) in [
            (Method::GET, "/api/v2/nowhere", 404, r#"{"detail":"Not Found"}"#),
            (Method::GET, "/", 404, r#"{"detail":"Not Found"}"#),
            (Method::GET, "/api/v2/sign_in", 405, r#"{"detail":"Method Not Allowed"}"#),
            (Method::HEAD, "/api/v2/healthcheck", 405, r#"{"detail":"Method Not Allowed"}"#),
            (Method::OPTIONS, "/api/v2/healthcheck", 405, r#"{"detail":"Method Not Allowed"}"#),
            (Method::GET, "/api/v2/healthcheck", 200, r#"{"msg":"OK","version":"1.2.3"}"#),
            (Method::GET, "/api/v2/healthcheck/", 307, ""),
            (Method::POST, "/api/v2/chat/1/?a=b", 307, ""),
        ] {
            let answer = server.send(TestRequest::default().method(method.clone()).uri(path)).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, body), "{method} {path}");
            let content_type = answer.headers.get("content-type").map(|value| value.to_str().expect("text").to_owned());
            assert_eq!(content_type.as_deref(), (status != 307).then_some("application/json"), "{method} {path}");
            if status == 307 {
                let other = path.replacen("/?", "?", 1);
                let other = other.strip_suffix('/').unwrap_or(&other);
                assert_eq!(answer.headers.get("location").expect("a place"), other);
            }
            if status == 405 {
                assert!(answer.headers.contains_key("allow"), "{method} {path}");
            }
        }
    });
}

#[test]
fn request_ids() {
    on_every_database(async |server| {
        let id = async |given: Option<&str>| {
            let request = TestRequest::get().uri("/api/v2/healthcheck");
            let request = match given {
                Some(id) => request.insert_header(("X-Request-Id", id)),
                None => request,
            };
            server.send(request).await.headers.get("x-request-id").expect("an id").to_str().expect("text").to_owned()
        };
        assert_eq!(id(Some("abc-1_2.3")).await, "abc-1_2.3");
        for given in [None, Some("with blank"), Some("a\"b"), Some(""), Some(&*"a".repeat(129))] {
            assert_eq!(id(given).await.len(), 36, "{given:?}");
        }
        assert_ne!(id(None).await, id(None).await);
    });
}

#[test]
fn other_origins() {
    on_every_database(async |server| {
        let ask = async |method: Method, origin: &str, wanted: Option<&str>| {
            let request = TestRequest::default().method(method).uri("/api/v2/user/me").insert_header(("Origin", origin));
            let request = match wanted {
                Some(method) => request
                    .insert_header(("Access-Control-Request-Method", method))
                    .insert_header(("Access-Control-Request-Headers", "authorization,x-own")),
                None => request,
            };
            server.send(request).await
        };
        let (friend, stranger) = ("https://app.example.org", "https://evil.example.org");
        let preflight = ask(Method::OPTIONS, friend, Some("POST")).await;
        assert_eq!((preflight.status.as_u16(), preflight.body.as_str()), (200, "OK"));
        for (name, value) in [
            ("access-control-allow-origin", friend),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
            ("access-control-allow-headers", "authorization,x-own"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
        ] {
            assert_eq!(preflight.headers.get(name).expect(name), value);
        }
        let refused = ask(Method::OPTIONS, stranger, Some("POST")).await;
        assert_eq!((refused.status.as_u16(), refused.body.as_str()), (400, "Disallowed CORS origin"));
        assert!(!refused.headers.contains_key("access-control-allow-origin"));
        let refused = ask(Method::OPTIONS, stranger, Some("BREW")).await;
        assert_eq!(refused.body, "Disallowed CORS origin, method");
        // Errors are readable for pages too.
        let simple = ask(Method::GET, friend, None).await;
        assert_eq!(simple.status, 400);
        assert_eq!(simple.headers.get("access-control-allow-origin").expect("a header"), friend);
        let simple = ask(Method::GET, stranger, None).await;
        assert_eq!(simple.status, 400);
        assert!(!simple.headers.contains_key("access-control-allow-origin"));
    });
}
