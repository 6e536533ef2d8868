//! Streams that are started: what is sent, and what is kept.

use crate::{
    corpus::load,
    support::{on_every_database, with_upstream},
};
use actix_web::http::Method;
use insta::assert_snapshot;
use lectern_testkit::upstream::{End, Scripted, chat_events};
use serde_json::Value;

/// The text of a run of server-sent events, and whether `[DONE]` came last.
fn text_of(body: &str) -> (String, bool) {
    let events: Vec<&str> = body.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    let content = |event: &&str| {
        let value: Value = serde_json::from_str(event).ok()?;
        value["choices"][0]["delta"]["content"].as_str().map(str::to_owned)
    };
    (events.iter().filter_map(content).collect(), events.last() == Some(&"[DONE]"))
}

#[test]
fn the_built_in_model_answers_with_sources() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        server.ask(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        let question = r#"{"model_name":"lectern-extractive","mode":"rag","query":"Combien coûte la location du vélo municipal ?"}"#;
        server.ask(Method::POST, "/api/v2/stream/chat/1", Some(&jeanne), question).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(&jeanne), "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.headers.get("content-type").map(|value| value.as_bytes()), Some(b"text/event-stream; charset=utf-8".as_slice()));
        let (text, done) = text_of(&answer.body);
        assert!(done && text.contains("vingt euros") && text.contains("[1]"), "{text}");

        let kept = server.ask(Method::GET, "/api/v2/stream/1", Some(&jeanne), "").await.json();
        assert_eq!((kept["response"].as_str(), &kept["is_streaming"]), (Some(text.trim()), &Value::Bool(false)));
        let first = kept["rag_sources"][0].as_str().expect("a source");
        let source = server.ask(Method::GET, &format!("/api/v2/get_chunk/{first}"), Some(&jeanne), "").await.json();
        assert_eq!(source["sid"], "F2");
        assert!(kept["prompt"].as_str().is_some_and(|prompt| prompt.starts_with("04224d186840")), "{}", kept["prompt"]);
    });
}

#[test]
fn what_the_documents_do_not_say_is_declined() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        let question = r#"{"model_name":"lectern-extractive","mode":"rag","query":"Quelle est la masse de Jupiter ?"}"#;
        server.ask(Method::POST, "/api/v2/stream", Some(&jeanne), question).await;
        let (text, done) = text_of(&server.ask(Method::GET, "/api/v2/stream/1/start", Some(&jeanne), "").await.body);
        assert!(done && !text.contains('['), "{text}");
    });
}

#[test]
fn refusals() {
    let transcript = on_every_database(async |server| {
        let (jeanne, root) = (server.user("jeanne", false).await, server.user("root", true).await);
        let ask = async |body: &str| {
            let made = server.ask(Method::POST, "/api/v2/stream", Some(&jeanne), body).await.json();
            server.note(body);
            server.say(Method::GET, &format!("/api/v2/stream/{}/start", made["id"]), Some(&jeanne), "").await;
        };
        server.say(Method::GET, "/api/v2/stream/1/start", Some(&jeanne), "").await;
        ask(r#"{"model_name":"lectern-extractive","query":"q","with_history":true}"#).await;
        server.note("an administrator");
        server.say(Method::GET, "/api/v2/stream/1/start", Some(&root), "").await;
        ask(r#"{"model_name":"unknown","query":"q"}"#).await;
        ask(r#"{"model_name":"lectern-extractive","query":"q","mode":"unknown"}"#).await;
        ask(r#"{"model_name":"lectern-extractive","query":" "}"#).await;
        let long = "mot ".repeat(900);
        let body = format!(r#"{{"model_name":"lectern-extractive","query":"{long}"}}"#);
        let made = server.ask(Method::POST, "/api/v2/stream", Some(&jeanne), &body).await.json();
        server.note("900 words fit");
        assert_eq!(server.ask(Method::GET, &format!("/api/v2/stream/{}/start", made["id"]), Some(&jeanne), "").await.status, 200);
    });
    assert_snapshot!(transcript);
}

#[test]
fn an_upstream_s_bytes_are_passed_on_as_they_are() {
    with_upstream(async |server, upstream, jeanne| {
        let sent = chat_events("m", "Voilà — c'est « prêt » 🙂.");
        upstream.script([Scripted::byte_by_byte(&sent)]);
        server.ask(Method::POST, "/api/v2/stream", Some(jeanne), r#"{"model_name":"m","query":"Prêt ?","temperature":0}"#).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(jeanne), "").await;
        assert_eq!(answer.body, sent);
        let kept = server.ask(Method::GET, "/api/v2/stream/1", Some(jeanne), "").await.json();
        assert_eq!(kept["response"], "Voilà — c'est « prêt » 🙂.");
        let request = upstream.requests()[0].json();
        assert_eq!(request["temperature"], 0.0);
    });
}

#[test]
fn a_conversation_carries_its_answered_turns() {
    with_upstream(async |server, upstream, jeanne| {
        server.ask(Method::POST, "/api/v2/chat", Some(jeanne), r#"{"chat_type":"meeting"}"#).await;
        for question in ["Un ?", "Deux ?", "Trois ?"] {
            let body = format!(r#"{{"model_name":"m","query":"{question}","with_history":true}}"#);
            server.ask(Method::POST, "/api/v2/stream/chat/1", Some(jeanne), &body).await;
        }
        for id in [1, 3] {
            upstream.set_answer(format!("Réponse {id}."));
            let answer = server.ask(Method::GET, &format!("/api/v2/stream/{id}/start"), Some(jeanne), "").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        let request = upstream.requests()[1].json();
        let contents: Vec<_> = request["messages"].as_array().expect("messages").iter().map(|message| &message["content"]).collect();
        assert_eq!(contents, ["Un ?", "Réponse 1.", "Trois ?"], "the unanswered second turn is left out");
    });
}

#[test]
fn an_upstream_that_breaks_cuts_the_answer_and_what_came_is_kept() {
    with_upstream(async |server, upstream, jeanne| {
        let events = chat_events("m", "Un début et une fin.");
        let half: String = events.split_inclusive("\n\n").take(events.matches("\n\n").count() / 2).collect();
        upstream.script([Scripted::events(&half, End::Cut)]);
        server.ask(Method::POST, "/api/v2/stream", Some(jeanne), r#"{"model_name":"m","query":"Prêt ?"}"#).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(jeanne), "").await;
        assert!(answer.status == 200 && answer.body.starts_with("cut:"), "{}", answer.body);
        let kept = server.ask(Method::GET, "/api/v2/stream/1", Some(jeanne), "").await.json();
        let response = kept["response"].as_str().expect("a partial answer");
        assert!(!response.is_empty() && "Un début et une fin.".starts_with(response), "{response}");
        assert_eq!(kept["is_streaming"], false);
    });
}
