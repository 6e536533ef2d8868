//! The paths that are passed on, in every spelling, and those that are not.

use super::{KEY, header, post, with_upstream};
use actix_web::http::Method;
use insta::assert_snapshot;
use lectern_testkit::upstream::Scripted;

const BODY: &str = r#"{"model":"org/m" , "prompt":"a","own":{"b":[1]}}"#;

#[test]
fn a_body_is_passed_on_unchanged_with_the_server_s_key() {
    with_upstream(async |server, upstream, jeanne| {
        for path in ["completions", "rerank", "audio/speech"] {
            let answer = server.ask(Method::POST, &format!("/api/v1/{path}?q=%20"), Some(jeanne), BODY).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let sent = upstream.requests().pop().expect("a request");
            assert_eq!(sent.path, format!("/v1/{path}?q=%20"));
            assert_eq!(
                (String::from_utf8_lossy(&sent.body).as_ref(), sent.header("authorization")),
                (BODY, Some(format!("Bearer {KEY}").as_str()))
            );
        }
        let own = vec![("content-type", "audio/mpeg".to_owned()), ("set-cookie", "a=b".into()), ("openai-version", "1".into())];
        upstream.script([Scripted::StatusWith(201, own, "noise".into())]);
        let answer = server.ask(Method::POST, "/api/v1/audio/speech", Some(jeanne), BODY).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (201, "noise"));
        assert_eq!(header(&answer.headers, "content-type"), Some("audio/mpeg"));
        assert_eq!((header(&answer.headers, "openai-version"), header(&answer.headers, "set-cookie")), (Some("1"), None));
        upstream.script([Scripted::byte_by_byte("data: é\n\ndata: [DONE]\n\n")]);
        let answer = server.ask(Method::POST, "/api/v1/completions", Some(jeanne), BODY).await;
        assert_eq!(answer.body, "data: é\n\ndata: [DONE]\n\n");
        assert_eq!(header(&answer.headers, "content-type"), Some("text/event-stream; charset=utf-8"));
    });
}

#[test]
fn spellings() {
    with_upstream(async |server, upstream, jeanne| {
        for (path, status, target) in [
            ("/api/v1//completions", 200, "/v1/completions"),
            ("/api/v1/./completions", 200, "/v1/completions"),
            ("/api/v1/x/../completions", 200, "/v1/completions"),
            ("/api/v1/x/%2e%2e/completions", 200, "/v1/completions"),
            ("/api/v1/%63ompletions", 200, "/v1/completions"),
            ("/api/v1/audio%2fspeech", 200, "/v1/audio/speech"),
            ("/api/v1/completions/", 307, "/api/v1/completions"),
            ("/api/v1/completions/?a=b", 307, "/api/v1/completions?a=b"),
            ("/api/v1//chat/completions", 307, "/api/v1/chat/completions"),
            ("/api/v1", 307, "/api/v1/"),
            ("/api/v1/", 404, ""),
            ("/api/v1/score", 404, ""),
            ("/api/v1/audio", 404, ""),
            ("/api/v1/completions/x", 404, ""),
            ("/api/v1/completions/../../admin", 404, ""),
            ("/api/v1/%2e%2e/%2e%2e/admin/completions", 404, ""),
            ("/api/v1/%252e%252e/completions", 404, ""),
            ("/api/v1/completions%00", 404, ""),
            ("/api/v1/completions%3Fx", 404, ""),
            ("/api/v1/completions;x", 404, ""),
            ("/api/v1/..%5ccompletions", 404, ""),
            ("/api/v1/Completions", 404, ""),
            ("/api/v1/%ff", 404, ""),
        ] {
            let before = upstream.requests().len();
            let answer = server.ask(Method::POST, path, Some(jeanne), BODY).await;
            assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
            match status {
                200 => assert_eq!(upstream.requests()[before].path, target, "{path}"),
                307 => assert_eq!(header(&answer.headers, "location"), Some(target), "{path}"),
                _ => assert_eq!(answer.body, r#"{"detail":"Not Found"}"#, "{path}"),
            }
            assert_eq!(upstream.requests().len(), before + usize::from(status == 200), "{path}");
        }
    });
}

#[test]
fn refusals() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
            let answer = server.say(method.clone(), "/api/v1/completions", Some(jeanne), "").await;
            assert_eq!(header(&answer.headers, "allow"), Some("POST"));
            server.say(method, "/api/v1/nowhere", Some(jeanne), "").await;
        }
        server.note("bodies");
        for body in ["", "x", "[]", "{}", r#"{"model":"nobody"}"#, r#"{"model":"lectern-extractive"}"#, r#"{"model":[]}"#] {
            post(server, jeanne, "/api/v1/completions", body).await;
        }
        server.note("callers");
        server.say(Method::POST, "/api/v1/completions", None, BODY).await;
        server.say(Method::POST, "/api/v1/completions", Some("wrong"), "{").await;
        server.say(Method::POST, "/api/v1/nowhere", None, "{").await;
        assert!(upstream.requests().is_empty());
        server.note("the endpoint's refusal");
        upstream.script([Scripted::Status(404, r#"{"error":{"message":"no"}}"#.into())]);
        post(server, jeanne, "/api/v1/rerank", BODY).await;
    });
    assert_snapshot!(transcript);
}
