//! Names of chats, made in the background.

use crate::support::{Server, with_upstream};
use actix_web::{http::Method, rt};
use lectern_service::jobs;
use lectern_testkit::upstream::Upstream;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

async fn chat(server: &Server, token: &str, id: i32) -> Value {
    server.ask(Method::GET, &format!("/api/v2/chat/{id}"), Some(token), "").await.json()
}

async fn asked(server: &Server, token: &str, chat: i32, model: &str, query: &str) {
    let body = serde_json::json!({"model_name": model, "query": query}).to_string();
    let answer = server.ask(Method::POST, &format!("/api/v2/stream/chat/{chat}"), Some(token), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Runs a test with two chats and the jobs of the server running.
fn with_jobs(test: impl AsyncFn(&Server, &Upstream, &str)) {
    with_upstream(async |server, upstream, jeanne| {
        for _ in 0..2 {
            server.ask(Method::POST, "/api/v2/chat", Some(jeanne), r#"{"chat_type":"meeting"}"#).await;
        }
        let running = jobs::start(&Arc::clone(&server.app));
        test(server, upstream, jeanne).await;
        running.stop(Duration::from_secs(60)).await;
    });
}

async fn named(server: &Server, token: &str, id: i32) -> String {
    loop {
        if let Some(name) = chat(server, token, id).await["chat_name"].as_str() {
            return name.to_owned();
        }
        rt::task::yield_now().await;
    }
}

#[test]
fn a_first_question_names_its_chat_once() {
    with_jobs(async |server, upstream, jeanne| {
        upstream.set_answer("\"Louer un vélo\"");
        asked(server, jeanne, 1, "m", "Comment louer un vélo ?").await;
        assert_eq!(named(server, jeanne, 1).await, "Louer un vélo");
        let request = upstream.requests().remove(0).json();
        assert_eq!((&request["temperature"], &request["stream"], &request["model"]), (&0.2.into(), &false.into(), &"m".into()));
        let content = request["messages"][0]["content"].as_str().expect("text");
        assert!(content.ends_with("\n\nComment louer un vélo ?"), "{content}");
        asked(server, jeanne, 1, "m", "Et combien ?").await;
        // The jobs are done in order of their making: once this one is, the other would be.
        asked(server, jeanne, 2, "lectern-extractive", "un deux trois quatre cinq six sept huit neuf").await;
        assert_eq!(named(server, jeanne, 2).await, "un deux trois quatre cinq six sept huit");
        assert_eq!(upstream.requests().len(), 1);
    });
}

#[test]
fn a_name_of_the_user_s_stays() {
    with_jobs(async |server, upstream, jeanne| {
        server.ask(Method::POST, "/api/v2/chat/1", Some(jeanne), r#"{"chat_name":"Le mien"}"#).await;
        asked(server, jeanne, 1, "m", "Comment louer un vélo ?").await;
        asked(server, jeanne, 2, "lectern-extractive", "un deux").await;
        assert_eq!(named(server, jeanne, 2).await, "un deux");
        assert_eq!((chat(server, jeanne, 1).await["chat_name"].as_str(), upstream.requests().len()), (Some("Le mien"), 0));
    });
}
