//! Chat completions with retrieval.

use super::{CHAT, header, with_upstream};
use crate::{collections::create, corpus::load};
use actix_web::http::Method;
use lectern_domain::search::Side;
use lectern_testkit::upstream::{Scripted, chat_events};
use serde_json::{Value, json};

const QUESTION: &str = "Combien coûte la location du vélo municipal ?";

fn body(model: &str, stream: bool, rag: Value) -> String {
    let messages = json!([
        { "role": "user", "content": "Bonjour" },
        { "role": "assistant", "content": "Bonjour !" },
        { "role": "user", "content": QUESTION },
    ]);
    json!({ "model": model, "messages": messages, "stream": stream, "rag": rag }).to_string()
}

/// The documents of the chunks that an answer names.
async fn documents(server: &crate::support::Server, token: &str, context: &Value) -> Vec<Value> {
    assert_eq!(context[0]["strategy"], "last");
    let mut documents = Vec::new();
    for id in context[0]["references"].as_array().expect("references") {
        let path = format!("/api/v2/get_chunk/{}", id.as_str().expect("an id"));
        documents.push(server.ask(Method::GET, &path, Some(token), "").await.json()["sid"].clone());
    }
    documents
}

/// The values of the events before `[DONE]`.
fn events(body: &str) -> Vec<Value> {
    let events = body.strip_suffix("data: [DONE]\n\n").expect("the end");
    events.split_terminator("\n\n").map(|event| serde_json::from_str(event.strip_prefix("data: ").expect("data")).expect("JSON")).collect()
}

#[test]
fn the_last_question_becomes_a_prompt_and_the_answer_names_its_passages() {
    with_upstream(async |server, upstream, jeanne| {
        load(server).await;
        let rag = json!({ "mode": "rag", "limit": 2, "sources": ["service-public"], "other": 1 });
        let before = upstream.requests().len();
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body("org/m", false, rag.clone())).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let found = documents(server, jeanne, &answer.json()["rag_context"]).await;
        assert!(found.len() <= 2 && found[0] == "F2" && !found.contains(&json!("F3")), "{found:?}");
        assert_eq!(answer.json()["choices"][0]["message"]["content"], "The scripted answer [1].");
        let sent = upstream.requests()[before..].iter().find(|sent| sent.path.ends_with("completions")).expect("a request").json();
        let messages = sent["messages"].as_array().expect("messages");
        let prompt = messages.last().expect("a prompt")["content"].as_str().expect("text");
        assert!(prompt.contains(QUESTION) && prompt.contains("vingt euros"), "{prompt}");
        assert_eq!((&sent["temperature"], sent.get("rag")), (&json!(0.3), None));

        let events_sent = chat_events("org/m", "Vingt euros [1].");
        upstream.script([Scripted::Behave, Scripted::byte_by_byte(&events_sent)]);
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body("org/m", true, rag)).await;
        let mut said = events(&answer.body);
        let added = said.remove(said.len() - 1);
        assert_eq!(said, events(&events_sent), "everything else is as it was");
        assert_eq!((&added["object"], &added["id"]), (&json!("chat.completion.chunk"), &said[0]["id"]));
        assert_eq!(documents(server, jeanne, &added["rag_context"]).await[0], "F2");
    });
}

#[test]
fn the_built_in_model_answers_from_the_passages() {
    with_upstream(async |server, _, jeanne| {
        load(server).await;
        let rag = json!({ "mode": "rag" });
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body("lectern-extractive", false, rag.clone())).await.json();
        let text = answer["choices"][0]["message"]["content"].as_str().expect("text");
        assert!(text.contains("vingt euros"), "{text}");
        assert!(documents(server, jeanne, &answer["rag_context"]).await.contains(&json!("F2")));
        let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body("lectern-extractive", true, rag)).await;
        let said = events(&answer.body);
        assert!(said.last().expect("events")["rag_context"][0]["references"][0].is_string(), "{}", answer.body);
        assert!(said.iter().all(|event| event["id"] == said[0]["id"]));
    });
}

#[test]
fn nothing_is_added_where_nothing_was_retrieved() {
    with_upstream(async |server, upstream, jeanne| {
        for rag in [json!({}), json!({ "strategy": "last", "mode": null })] {
            let answer = server.ask(Method::POST, CHAT, Some(jeanne), &body("org/m", false, rag)).await.json();
            assert_eq!(answer.get("rag_context"), None);
            let sent = upstream.requests().last().expect("a request").json();
            assert_eq!(sent["messages"][2]["content"], QUESTION);
        }
        let chosen = body("org/m", false, json!({})).replace("\"stream\":false", "\"temperature\":1.5");
        server.ask(Method::POST, CHAT, Some(jeanne), &chosen).await;
        assert_eq!(upstream.requests().last().expect("a request").json()["temperature"], 1.5);
    });
}

#[test]
fn what_cannot_be_augmented_is_refused() {
    let transcript = with_upstream(async |server, _, jeanne| {
        let ask = async |model: &str, messages: Value| {
            let body = json!({ "model": model, "messages": messages, "rag": { "mode": "rag" } }).to_string();
            server.say(Method::POST, CHAT, Some(jeanne), &body).await;
        };
        ask("org/m", json!([{ "role": "user", "content": [{ "type": "text", "text": "x" }] }])).await;
        ask("org/m", json!([{ "role": "tool", "content": "x" }])).await;
        ask("org/m", json!([{ "role": "user", "content": " " }])).await;
        ask("org/m", json!([{ "role": "system", "content": "x" }])).await;
        ask("org/embed", json!([{ "role": "user", "content": "x" }])).await;
    });
    insta::assert_snapshot!(transcript);
}

#[test]
fn an_index_that_is_left_out_is_named_in_a_header() {
    with_upstream(async |server, upstream, jeanne| {
        load(server).await;
        let left_out = async |method: Method, path: &str, body: &str, fails: bool| {
            if fails {
                // The question is embedded first.
                upstream.script([Scripted::Status(400, "{}".to_owned())]);
            }
            let answer = server.ask(method, path, Some(jeanne), body).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(!answer.body.is_empty());
            header(&answer.headers, "lectern-degraded").map(str::to_owned)
        };
        let stream = json!({ "model_name": "org/m", "query": QUESTION, "mode": "rag" }).to_string();
        assert_eq!(server.ask(Method::POST, "/api/v2/stream", Some(jeanne), &stream).await.status, 200);
        let chat = body("org/m", false, json!({ "mode": "rag" }));
        let asked = [
            (Method::POST, "/api/v2/indexes", r#"{"name":"chunks","query":"vélo"}"#),
            (Method::POST, CHAT, chat.as_str()),
            (Method::GET, "/api/v2/stream/1/start", ""),
        ];
        for (method, path, body) in asked {
            assert_eq!(left_out(method.clone(), path, body, false).await, None, "{path}");
            assert_eq!(left_out(method, path, body, true).await.as_deref(), Some("vectors"), "{path}");
        }
        assert_eq!(server.app.guards.of(Side::Vectors).left_out.get(), 3);
    });
}

#[test]
fn a_chosen_collection_answers_instead_of_the_default_one() {
    with_upstream(async |server, _, jeanne| {
        load(server).await;
        let id = create(server, jeanne, r#"{"name":"mine"}"#).await;
        let text = r#"{"collection":"mine","external_id":"own","text":"La location du vélo municipal coûte trente euros chez nous."}"#;
        let job = server.ask(Method::POST, "/api/v1/documents", Some(jeanne), text).await.json();
        assert_eq!(server.settled(jeanne, &job).await["status"], "completed");
        let asked = async |collections: Value| {
            let rag = json!({ "mode": "rag", "collections": collections });
            server.ask(Method::POST, CHAT, Some(jeanne), &body("lectern-extractive", false, rag)).await
        };
        for (collections, expect) in
            [(json!(["mine"]), vec!["own"]), (json!([id]), vec!["own"]), (json!(["documents"]), vec!["F2"]), (json!(null), vec!["F2"])]
        {
            let answer = asked(collections.clone()).await;
            assert_eq!(answer.status, 200, "{collections}: {}", answer.body);
            let found = documents(server, jeanne, &answer.json()["rag_context"]).await;
            assert!(found.starts_with(&expect.iter().map(|id| json!(id)).collect::<Vec<_>>()), "{collections}: {found:?}");
            assert_eq!(found.contains(&json!("own")), expect == ["own"], "{collections}");
        }
        let both = asked(json!(["mine", "documents"])).await;
        let found = documents(server, jeanne, &both.json()["rag_context"]).await;
        assert!(found.contains(&json!("own")) && found.contains(&json!("F2")), "{found:?}");
        for (collections, status, code) in [
            (json!("mine"), 422, "invalid_type"),
            (json!([1]), 422, "invalid_type"),
            (json!([]), 422, "invalid_value"),
            (json!(["a b"]), 422, "invalid_value"),
            (json!(["mine", "unknown"]), 404, "collection_not_found"),
        ] {
            let answer = asked(collections.clone()).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["error"]["code"].as_str()),
                (status, Some(code)),
                "{collections}: {}",
                answer.body
            );
        }
    });
}
