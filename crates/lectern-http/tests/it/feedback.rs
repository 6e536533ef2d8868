//! Feedback.

use crate::support::{Server, on_every_database};
use actix_web::http::Method;
use insta::assert_snapshot;

const ADD: &str = "/api/v2/feedback/add/1";

/// A chat of Jeanne's with a stream of hers.
async fn stream(server: &Server) -> String {
    let jeanne = server.user("jeanne", false).await;
    server.ask(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
    server.ask(Method::POST, "/api/v2/stream/chat/1", Some(&jeanne), r#"{"model_name":"m"}"#).await;
    jeanne
}

#[test]
fn giving_and_changing() {
    let transcript = on_every_database(async |server| {
        let jeanne = stream(&server).await;
        server.say(Method::POST, ADD, Some(&jeanne), r#"{"type":"chat","is_good":"yes"}"#).await;
        server.note("only what is given changes");
        let evaluation = r#"{"type":"evaluations","note":"3","positives":["clair","complet"],"negatives":[],"message":"Merci","more":1}"#;
        server.say(Method::POST, ADD, Some(&jeanne), evaluation).await;
        server.say(Method::POST, ADD, Some(&jeanne), r#"{"type":"chat","is_good":false,"message":null}"#).await;
        server.say(Method::GET, "/api/v2/stream/1", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn what_is_not_valid() {
    let transcript = on_every_database(async |server| {
        let jeanne = stream(&server).await;
        for body in [
            "",
            "{}",
            r#"{"type":"chat"}"#,
            r#"{"type":"evaluations"}"#,
            r#"{"type":"evaluations","note":0,"positives":[],"negatives":null}"#,
            r#"{"type":"other","note":6,"positives":["bon"],"negatives":"trop_long","is_good":2,"message":1}"#,
            r#"{"type":"chat","is_good":true,"note":-1}"#,
        ] {
            server.say(Method::POST, ADD, Some(&jeanne), body).await;
        }
        server.note("an unknown stream, after a valid body");
        server.say(Method::POST, "/api/v2/feedback/add/9", Some(&jeanne), r#"{"type":"chat"}"#).await;
        server.say(Method::POST, "/api/v2/feedback/add/9", Some(&jeanne), r#"{"type":"chat","is_good":true}"#).await;
        server.say(Method::POST, "/api/v2/feedback/add/x", Some(&jeanne), r#"{"type":"chat","is_good":true}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn who_may_do_what() {
    let transcript = on_every_database(async |server| {
        let jeanne = stream(&server).await;
        let (paul, root) = (server.user("paul", false).await, server.user("root", true).await);
        let good = r#"{"type":"chat","is_good":true}"#;
        server.say(Method::POST, ADD, Some(&paul), good).await;
        server.say(Method::POST, ADD, Some(&root), r#"{"type":"chat","is_good":false}"#).await;
        server.note("the author's own, else the latest");
        server.say(Method::GET, "/api/v2/streams", Some(&jeanne), "").await;
        server.say(Method::POST, ADD, Some(&jeanne), good).await;
        for who in [&jeanne, &root] {
            let shown = server.ask(Method::GET, "/api/v2/stream/1", Some(who), "").await.json();
            server.note(&shown["feedback"].to_string());
        }
        server.note("reading");
        for who in [&jeanne, &root, &paul] {
            server.say(Method::GET, "/api/v2/feedback/2", Some(who), "").await;
        }
        server.say(Method::GET, "/api/v2/feedback/1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/feedback/9", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/feedback/x", Some(&root), "").await;
        server.note("lists");
        server.say(Method::POST, "/api/v2/stream", Some(&jeanne), r#"{"model_name":"m"}"#).await;
        server.ask(Method::POST, "/api/v2/feedback/add/2", Some(&jeanne), good).await;
        server.say(Method::GET, "/api/v2/feedbacks", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/feedbacks?skip=1&limit=1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/feedbacks", Some(&paul), "").await;
        server.say(Method::GET, "/api/v2/feedbacks?skip=-1", Some(&paul), "").await;
        server.note("deleting");
        for who in [&root, &jeanne, &jeanne] {
            server.say(Method::DELETE, "/api/v2/feedback/delete/2", Some(who), "").await;
        }
        server.note("what the others think is left");
        let shown = server.ask(Method::GET, "/api/v2/stream/1", Some(&jeanne), "").await.json();
        server.note(&shown["feedback"].to_string());
    });
    assert_snapshot!(transcript);
}
