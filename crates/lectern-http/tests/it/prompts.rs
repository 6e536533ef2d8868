//! What models are told: modes, system prompts, acronyms, history and length.

use crate::{
    corpus::load,
    support::{Server, on_every_database, with_upstream, with_upstream_as},
};
use actix_web::http::Method;
use insta::assert_json_snapshot;
use lectern_service::app::{AppOptions, TextFiles};
use lectern_testkit::upstream::Upstream;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Asks in a chat of its own and returns what the model was given.
async fn told(server: &Server, upstream: &Upstream, token: &str, question: Value) -> Vec<(String, String)> {
    let stream = server.ask(Method::POST, "/api/v2/stream/chat/1", Some(token), &question.to_string()).await.json();
    let answer = server.ask(Method::GET, &format!("/api/v2/stream/{}/start", stream["id"]), Some(token), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let request = upstream.requests().last().expect("a request").json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    request["messages"].as_array().expect("messages").iter().map(|message| (text(&message["role"]), text(&message["content"]))).collect()
}

async fn chat(server: &Server, token: &str) {
    let body = r#"{"chat_type":"meeting","operators":["La Poste","France Travail"],"themes":["Vélo"]}"#;
    server.ask(Method::POST, "/api/v2/chat", Some(token), body).await;
}

#[test]
fn every_mode_has_a_prompt_of_its_own() {
    with_upstream(async |server, upstream, jeanne| {
        load(server).await;
        chat(server, jeanne).await;
        let mut prompts = serde_json::Map::new();
        for mode in ["rag", "rag-tchap", "rag-gt", "rag-gt-operators", "analysis-gt"] {
            let question = json!({"model_name": "m", "mode": mode, "query": "Combien coûte la location du vélo municipal ?", "limit": 1});
            prompts.insert(mode.to_owned(), json!(told(server, upstream, jeanne, question).await));
        }
        let question = json!({"model_name": "m", "mode": "analysis-gt", "query": "How much does it cost to rent the bicycle of the town for a month?"});
        prompts.insert("analysis-gt, in English".to_owned(), json!(told(server, upstream, jeanne, question).await));
        let question = json!({"model_name": "org/gemma-small", "mode": "rag-tchap", "query": "La carte de bibliothèque est-elle gratuite ?", "limit": 1});
        prompts.insert("rag-tchap, gemma".to_owned(), json!(told(server, upstream, jeanne, question).await));
        assert_json_snapshot!("prompts", prompts);
    });
}

#[test]
fn a_mode_with_passages_works_before_anything_is_loaded() {
    with_upstream(async |server, upstream, jeanne| {
        chat(server, jeanne).await;
        let told = told(server, upstream, jeanne, json!({"model_name": "m", "mode": "rag", "query": "Où ?"})).await;
        assert!(told[0].1.ends_with("Question : Où ?"), "{told:?}");
    });
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("written");
}

#[test]
fn a_folder_replaces_the_built_in_prompts() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "temperature: 0.7\nunknown: 1\nmodels:\n  - {model_kind: 'm*', max_tokens: 100, prompt_format: chat}\nprompts:\n  - mode: short\n    \
                  template: short.jinja\n    system_prompt: Sois bref.\n    default: {limit: 2, other: 1}\n  - {mode: plain, template: plain.jinja}\n";
    write(folder.path(), "prompt_config.yml", config);
    let short =
        "{% for chunk in chunks_collection %}{{ chunk.title }}|{{ chunk.url }}|{{ chunk.context }};{% endfor %}\n{{ limit }} {{ query }}\n";
    write(folder.path(), "short.jinja", short);
    write(folder.path(), "plain.jinja", "{{ institution }} {{ operators | join('+') }}{{ missing }}: {{ query }}\n\n");
    write(folder.path(), "acronyms.json", r#"[{"symbol":"CAF","text":"Caisse d'allocations familiales","more":1}]"#);
    let files =
        TextFiles { prompts: Some(folder.path().to_owned()), acronyms: Some(folder.path().join("acronyms.json")), ..TextFiles::default() };
    let change = |options| AppOptions { texts: files.clone(), ..options };
    with_upstream_as(change, async |server, upstream, jeanne| {
        load(server).await;
        chat(server, jeanne).await;
        let question = json!({"model_name": "m", "mode": "short", "query": "vélo ?"});
        let expect = [("system", "Sois bref."), ("user", "Location de vélo|https://example.org/F2|;\n2 vélo ?")];
        assert_eq!(told(server, upstream, jeanne, question).await, expect.map(|(role, text)| (role.to_owned(), text.to_owned())));
        let question = json!({"model_name": "m", "mode": "plain", "query": "La CAF ?", "institution": "Mairie"});
        let text = "Mairie La Poste+France Travail: La CAF (Caisse d'allocations familiales) ?\n";
        assert_eq!(told(server, upstream, jeanne, question).await, [("user".to_owned(), text.to_owned())]);
        let models = server.ask(Method::GET, "/api/v2/models", Some(jeanne), "").await.json();
        assert_json_snapshot!("of_a_folder", models["m"]);
        let unknown =
            server.ask(Method::POST, "/api/v2/stream", Some(jeanne), r#"{"model_name":"m","mode":"rag","query":"q"}"#).await.json();
        let answer = server.ask(Method::GET, &format!("/api/v2/stream/{}/start", unknown["id"]), Some(jeanne), "").await;
        assert_eq!(answer.status, 422, "{}", answer.body);
    });
}

#[test]
fn searches_are_for_the_expanded_question_or_the_last_three() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "acronyms.json", r#"{"VLM": "Location du vélo municipal"}"#);
    let files = TextFiles { acronyms: Some(folder.path().join("acronyms.json")), ..TextFiles::default() };
    with_upstream_as(
        |options| AppOptions { texts: files.clone(), ..options },
        async |server, upstream, jeanne| {
            load(server).await;
            chat(server, jeanne).await;
            let told_of = async |question: Value| told(server, upstream, jeanne, question).await.last().expect("a message").1.clone();
            let prompt = told_of(json!({"model_name": "m", "mode": "rag", "query": "Le VLM ?", "limit": 1})).await;
            assert!(prompt.contains("[1] Location de vélo"), "{prompt}");
            let prompt =
                told_of(json!({"model_name": "m", "mode": "rag", "query": "Et combien ?", "limit": 1, "with_history": true})).await;
            assert!(!prompt.contains("Location de vélo"), "the earlier question is searched for as it was written: {prompt}");
            let searched = server.ask(Method::POST, "/api/v2/indexes", Some(jeanne), r#"{"name":"sheets","query":"VLM"}"#).await.json();
            assert_eq!(searched[0]["sid"], "F2");
            let body = r#"{"name":"sheets","query":"VLM","expand_acronyms":false}"#;
            assert_eq!(server.ask(Method::POST, "/api/v2/indexes", Some(jeanne), body).await.body, "[]");
        },
    );
}

#[test]
fn an_empty_question_with_history_asks_the_last_one_again() {
    with_upstream(async |server, upstream, jeanne| {
        chat(server, jeanne).await;
        upstream.set_answer("Oui.");
        for query in ["Un ?", "Deux ?"] {
            told(server, upstream, jeanne, json!({"model_name": "m", "query": query, "with_history": true})).await;
        }
        let told = told(server, upstream, jeanne, json!({"model_name": "m", "query": "", "with_history": true})).await;
        let expect = [("user", "Un ?"), ("assistant", "Oui."), ("user", "Deux ?")];
        assert_eq!(told, expect.map(|(role, text)| (role.to_owned(), text.to_owned())));
    });
}

#[test]
fn restarting_an_earlier_stream_sees_what_came_before_it_alone() {
    with_upstream(async |server, upstream, jeanne| {
        chat(server, jeanne).await;
        upstream.set_answer("Oui.");
        for query in ["Un ?", "Deux ?", "Trois ?"] {
            told(server, upstream, jeanne, json!({"model_name": "m", "query": query, "with_history": true})).await;
        }
        server.ask(Method::GET, "/api/v2/stream/2/start", Some(jeanne), "").await;
        let request = upstream.requests().last().expect("a request").json();
        let contents: Vec<_> = request["messages"].as_array().expect("messages").iter().map(|message| &message["content"]).collect();
        assert_eq!(contents, ["Un ?", "Oui.", "Deux ?"]);
    });
}

#[test]
fn a_long_conversation_loses_its_oldest_turns() {
    with_upstream(async |server, upstream, jeanne| {
        chat(server, jeanne).await;
        upstream.set_answer("mot ".repeat(2_000));
        for query in ["Un ?", "Deux ?", "Trois ?", "Quatre ?"] {
            told(server, upstream, jeanne, json!({"model_name": "m", "query": query, "with_history": true})).await;
        }
        let told = told(server, upstream, jeanne, json!({"model_name": "m", "query": "Cinq ?", "with_history": true})).await;
        let questions: Vec<&str> = told.iter().filter(|(role, _)| role == "user").map(|(_, text)| text.as_str()).collect();
        assert_eq!(questions, ["Trois ?", "Quatre ?", "Cinq ?"]);
    });
}

#[test]
fn a_prompt_that_is_too_long_loses_passages_then_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "prompt_config.yml", "max_tokens: 50\nprompts:\n  - {mode: rag, template: t.jinja}\n");
    write(folder.path(), "t.jinja", "{{ limit }}:{% for chunk in chunks_collection %}{{ chunk.text }} {% endfor %}{{ query }}");
    let files = TextFiles { prompts: Some(folder.path().to_owned()), ..TextFiles::default() };
    with_upstream_as(
        |options| AppOptions { texts: files.clone(), ..options },
        async |server, upstream, jeanne| {
            load(server).await;
            chat(server, jeanne).await;
            // 32 words fit. F2 has 25, F1 has 13, F3 has 12.
            let question = json!({"model_name": "m", "mode": "rag", "query": "vélo carte congé"});
            let told = told(server, upstream, jeanne, question).await.remove(0).1;
            assert!(told.starts_with("1:") && told.ends_with("vélo carte congé"), "{told}");
            let kept = server.ask(Method::GET, "/api/v2/stream/1", Some(jeanne), "").await.json();
            assert_eq!(kept["rag_sources"].as_array().map(Vec::len), Some(1), "what was left out is no source");
            let long = json!({"model_name": "m", "mode": "rag", "query": "vélo ".repeat(33)}).to_string();
            server.ask(Method::POST, "/api/v2/stream", Some(jeanne), &long).await;
            let answer = server.ask(Method::GET, "/api/v2/stream/2/start", Some(jeanne), "").await;
            let too_large = (413, r#"{"detail":"Prompt too large"}"#);
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), too_large);
            let long =
                json!({"model": "m", "messages": [{"role": "user", "content": "vélo ".repeat(33)}], "rag": {"mode": "rag"}}).to_string();
            let answer = server.ask(Method::POST, "/api/v1/chat/completions", Some(jeanne), &long).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), too_large);
        },
    );
}

#[test]
fn passages_without_a_limit_are_the_mode_s_number() {
    on_every_database(async |server| {
        load(&server).await;
        let mode = server.app.prompts.mode("rag").expect("a mode");
        for (asked, expect) in [(None, 7), (Some(3), 3), (Some(0), 7), (Some(-1), 7)] {
            assert_eq!(mode.limit(asked), expect, "{asked:?}");
        }
    });
}
