//! Chat completions without retrieval.

use super::{CHAT, KEY, header, post, with_upstream};
use crate::support::Server;
use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;
use lectern_testkit::upstream::{End, Scripted, chat_events};
use serde_json::json;

const HELLO: &str = r#"{"model":"org/m","messages":[{"role":"user","content":"Bonjour"}]}"#;

#[test]
fn an_answer_is_relayed() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        let answer = post(server, jeanne, CHAT, HELLO).await;
        assert_eq!(header(&answer.headers, "content-type"), Some("application/json"));
        let sent = &upstream.requests()[0];
        assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/v1/chat/completions"));
        assert_eq!(sent.header("authorization"), Some(format!("Bearer {KEY}").as_str()), "the server's own key");
        server.note("the built-in model");
        let body = r#"{"model":"lectern-extractive","messages":[{"role":"user","content":"Bonjour"}]}"#;
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), body).await.json();
        assert_eq!((&answer["object"], &answer["choices"][0]["message"]["role"]), (&json!("chat.completion"), &json!("assistant")));
        assert!(answer["choices"][0]["message"]["content"].as_str().is_some_and(|text| !text.is_empty()));
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_stream_is_relayed_byte_for_byte() {
    with_upstream(async |server, upstream, jeanne| {
        let events = chat_events("org/m", "Voilà — c'est « prêt » 🙂.");
        upstream.script([Scripted::byte_by_byte(&events), Scripted::events(": note\r\ndata:x\r\r", End::Whole)]);
        let body = r#"{"model":"org/m","messages":[{"role":"user","content":"Prêt ?"}],"stream":true}"#;
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), body).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, events.as_str()));
        assert_eq!(header(&answer.headers, "content-type"), Some("text/event-stream; charset=utf-8"));
        assert_eq!(server.ask(Method::POST, CHAT, Some(jeanne), body).await.body, ": note\r\ndata:x\r\r");
        let body = body.replace("org/m", "lectern-extractive");
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body).await;
        assert!(answer.body.ends_with("data: [DONE]\n\n"), "{}", answer.body);
        assert_eq!(header(&answer.headers, "content-type"), Some("text/event-stream; charset=utf-8"));
    });
}

#[test]
fn known_fields_are_passed_on_in_order_and_others_are_not() {
    with_upstream(async |server, upstream, jeanne| {
        let body = r#"{"unknown":1,"stream":false,"top_k":-1,"temperature":0,"rag":null,"user":null,"stop":["a","b"],"model":"org/m","seed":7.0,
            "messages":[{"name":"x","role":"system","content":"é","other":2},{"role":"user","content":[{"type":"text","text":"Quoi ?"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]},{"role":"assistant","tool_calls":[{"id":"c"}]},
            {"role":"tool","tool_call_id":"c","content":"3"}]}"#;
        let request = TestRequest::post().uri(&format!("{CHAT}?a=b")).set_payload(body);
        let headers = [("authorization", format!("Bearer {jeanne}")), ("content-type", "text/plain".into()), ("cookie", "c=d".into())];
        let request = headers.into_iter().fold(request, |request, header| request.insert_header(header));
        let request = request.insert_header(("traceparent", "00-1-2-3"));
        assert_eq!(server.send(request).await.status, 200);
        let sent = &upstream.requests()[0];
        assert_eq!(
            (sent.path.as_str(), sent.header("traceparent"), sent.header("cookie")),
            ("/v1/chat/completions?a=b", Some("00-1-2-3"), None)
        );
        assert_eq!(sent.header("content-type"), Some("application/json"));
        let expect = r#"{"messages":[{"role":"system","content":"é","name":"x"},{"role":"user","content":[{"type":"text","text":"Quoi ?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]},{"role":"assistant","tool_calls":[{"id":"c"}]},{"role":"tool","content":"3","tool_call_id":"c"}],"model":"org/m","seed":7.0,"stop":["a","b"],"stream":false,"temperature":0,"user":null,"top_k":-1}"#;
        assert_eq!(String::from_utf8_lossy(&sent.body), expect);
    });
}

#[test]
fn what_is_wrong_is_told_in_openai_s_shape() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        server.note("no call at all");
        for body in ["", "{", "{\n \"model\" \"x\"}", "[]", "1", "{}", r#"{"model":null}"#, r#"{"model":""}"#, r#"{"model":3}"#] {
            post(server, jeanne, CHAT, body).await;
        }
        server.note("an unknown model, before anything else is looked at");
        post(server, jeanne, CHAT, r#"{"model":"nobody","messages":3}"#).await;
        server.note("messages");
        let messages = async |messages: &str| post(server, jeanne, CHAT, &format!(r#"{{"model":"org/m","messages":{messages}}}"#)).await;
        post(server, jeanne, CHAT, r#"{"model":"org/m"}"#).await;
        for wrong in ["null", "\"x\"", "[]", "[3]", "[{}]", r#"[{"role":3,"content":"x"}]"#, r#"[{"role":"user"}]"#] {
            messages(wrong).await;
        }
        for content in ["null", "3", "[3]", "[{}]", r#"[{"type":3}]"#, r#"[{"type":"text"}]"#, r#"[{"type":"text","text":3}]"#] {
            messages(&format!(r#"[{{"role":"user","content":{content}}}]"#)).await;
        }
        messages(r#"[{"role":"assistant","tool_calls":{}}]"#).await;
        server.note("fields");
        for field in [
            r#""temperature":2.5"#,
            r#""temperature":-1"#,
            r#""temperature":"hot""#,
            r#""temperature":NaN"#,
            r#""max_tokens":0"#,
            r#""max_tokens":1.5"#,
            r#""n":999"#,
            r#""stream":"yes""#,
            r#""stop":[3]"#,
            r#""tools":{}"#,
            r#""response_format":[]"#,
            r#""user":3"#,
            r#""stop_token_ids":["a"]"#,
            r#""bad_words":"a""#,
            r#""rag":3"#,
            r#""rag":{"strategy":"first"}"#,
            r#""rag":{"strategy":null}"#,
            r#""rag":{"mode":3}"#,
            r#""rag":{"mode":"nobody"}"#,
            r#""rag":{"limit":-1}"#,
            r#""rag":{"limit":"x"}"#,
            r#""rag":{"sources":["nowhere"]}"#,
            r#""rag":{"sources":"service-public"}"#,
        ] {
            post(server, jeanne, CHAT, &format!(r#"{{"model":"org/m","messages":[{{"role":"user","content":"x"}}],{field}}}"#)).await;
        }
        server.note("callers and methods");
        server.say(Method::POST, CHAT, None, HELLO).await;
        server.say(Method::POST, CHAT, Some("wrong"), "{").await;
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            server.say(method, CHAT, Some(jeanne), "").await;
        }
        assert!(upstream.requests().is_empty(), "nothing of this reached the endpoint");
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    with_upstream(async |server, upstream, jeanne| {
        let body = format!(r#"{{"model":"org/m","messages":[{{"role":"user","content":"{}"}}]}}"#, "x".repeat(5000));
        assert_eq!(server.ask(Method::POST, CHAT, Some(jeanne), &body).await.status, 413);
        assert!(upstream.requests().is_empty());
    });
}

#[test]
fn an_endpoint_s_errors_are_relayed() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        let streamed = HELLO.replace("}]}", "}],\"stream\":true}");
        for body in [HELLO, &streamed] {
            for (status, said) in [
                (400, r#"{"error":{"message":"too long","code":400}}"#),
                (401, r#"{"error":{"message":"the key sk-of-the-server is unknown"}}"#),
                (422, "[1, 2]"),
                (503, r#""full""#),
                (500, "<html>"),
                (307, "{}"),
            ] {
                upstream.script([Scripted::Status(status, said.into())]);
                server.note(&format!("the endpoint says {status} {said}"));
                post(server, jeanne, CHAT, body).await;
            }
            upstream.script([Scripted::StatusWith(429, vec![("retry-after", "7".into())], "{}".into())]);
            let answer = post(server, jeanne, CHAT, body).await;
            assert_eq!(header(&answer.headers, "retry-after"), Some("7"));
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn an_endpoint_that_is_gone_or_breaks_off() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        upstream.script([Scripted::HangUp]);
        server.note("it hangs up");
        post(server, jeanne, CHAT, HELLO).await;
        upstream.script([Scripted::events("data: a\n\ndata: b\n\n", End::Cut)]);
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), HELLO).await;
        assert!(answer.status == 200 && answer.body.starts_with("cut:"), "{}", answer.body);
    });
    assert_snapshot!(transcript);
    nobody_listens();
}

/// The words of the reference.
fn nobody_listens() {
    for database in lectern_testkit::TestDatabase::all() {
        actix_web::rt::System::new().block_on(async {
            let upstream = lectern_testkit::upstream::Upstream::start().await;
            let models = Some(vec!["org/m".to_owned()]);
            let endpoint = lectern_service::llm::Endpoint { models, ..lectern_service::llm::Endpoint::new(upstream.url()) };
            drop(upstream);
            let server = Server::start_with(&database, vec![endpoint]).await;
            let jeanne = server.user("jeanne", false).await;
            let answer = server.ask(Method::POST, CHAT, Some(&jeanne), HELLO).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (500, r#"{"detail":"All connection attempts failed"}"#));
        });
    }
}
