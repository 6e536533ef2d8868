//! What holds for every route: unknown paths and methods, slashes, headers, CORS.

use crate::support::{Answer, on_every_database};
use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;
use lectern_testkit::database::execute;

/// An answer with the headers that the contract speaks of.
fn shown(what: &str, answer: &Answer) -> String {
    let named = ["content-type", "location", "allow", "retry-after", "vary"].into_iter().chain(CORS);
    let headers = named.filter_map(|name| Some(format!("    {name}: {}\n", answer.headers.get(name)?.to_str().expect("text"))));
    format!("{what}\n{}    {} {}\n", headers.collect::<String>(), answer.status.as_u16(), answer.body)
}

const CORS: [&str; 5] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-max-age",
];

#[test]
fn paths_and_methods() {
    let transcript = on_every_database(async |server| {
        for (method, path) in [
            ("GET", "/api/v2/nowhere"),
            ("GET", "/"),
            ("PATCH", "/api/v2/nowhere/"),
            ("GET", "/api/v2/sign_in"),
            ("HEAD", "/api/v2/healthcheck"),
            ("OPTIONS", "/api/v2/healthcheck"),
            ("BREW", "/api/v2/chat/1"),
            ("GET", "/api/v2/healthcheck"),
            ("GET", "/api/v2/healthcheck/"),
            ("POST", "/api/v2/chat/1/?a=b&c=%20"),
            ("DELETE", "/api/v2/chats/"),
            ("GET", "/API/v2/healthcheck"),
            ("GET", "//api/v2/healthcheck"),
        ] {
            let method_of = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = server.send(TestRequest::default().method(method_of).uri(path)).await;
            server.note(&shown(&format!("{method} {path}"), &answer));
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_failure_says_nothing_but_that_it_is_one_and_pages_of_other_origins_can_read_it() {
    let transcript = on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        execute(server.app.bridge.database(), "ALTER TABLE chats RENAME TO elsewhere");
        for origin in [None, Some("https://app.example.org"), Some("https://evil.example.org")] {
            let mut request = TestRequest::get().uri("/api/v2/chats").insert_header(("Authorization", format!("Bearer {token}")));
            if let Some(origin) = origin {
                request = request.insert_header(("Origin", origin));
            }
            server.note(&shown(&format!("GET /api/v2/chats from {origin:?}"), &server.send(request).await));
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_server_whose_schema_is_behind_is_not_ready() {
    let transcript = on_every_database(async |server| {
        for table in ["__diesel_schema_migrations", "__lectern_schema_migrations"] {
            let forget = format!("DELETE FROM {table} WHERE version = (SELECT max(version) FROM {table})");
            execute(server.app.bridge.database(), &forget);
        }
        server.say(Method::GET, "/readyz", None, "").await;
        execute(server.app.bridge.database(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
        server.say(Method::GET, "/readyz", None, "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn preflights() {
    let transcript = on_every_database(async |server| {
        for (path, origin, method, headers) in [
            ("/api/v2/user/me", "https://app.example.org", "POST", Some("authorization,x-own")),
            ("/api/v2/user/me", "https://app.example.org", "GET", None),
            ("/api/v2/nowhere", "https://app.example.org", "GET", None),
            ("/api/v2/user/me", "https://app.example.org", "BREW", None),
            ("/api/v2/user/me", "https://evil.example.org", "POST", Some("authorization")),
            ("/api/v2/user/me", "https://app.example.org.evil.org", "BREW", None),
        ] {
            let mut request = TestRequest::default().method(Method::OPTIONS).uri(path).insert_header(("Origin", origin));
            request = request.insert_header(("Access-Control-Request-Method", method));
            if let Some(headers) = headers {
                request = request.insert_header(("Access-Control-Request-Headers", headers));
            }
            server.note(&shown(&format!("OPTIONS {path} from {origin} for {method} with {headers:?}"), &server.send(request).await));
        }
    });
    assert_snapshot!(transcript);
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
fn simple_requests_of_other_origins() {
    let transcript = on_every_database(async |server| {
        for path in ["/api/v2/user/me", "/api/v2/nowhere", "/api/v2/user/me/", "/api/v2/sign_in"] {
            for origin in ["https://app.example.org", "https://evil.example.org"] {
                let request = TestRequest::get().uri(path).insert_header(("Origin", origin));
                server.note(&shown(&format!("GET {path} from {origin}"), &server.send(request).await));
            }
        }
    });
    assert_snapshot!(transcript);
}
