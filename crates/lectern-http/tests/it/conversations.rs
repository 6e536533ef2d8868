//! Chats and streams.

use crate::support::on_every_database;
use actix_web::http::Method;
use insta::assert_snapshot;

#[test]
fn chats() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        let chat = "/api/v2/chat";
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_type":"evaluations","operators":["é"],"themes":[],"more":1}"#).await;
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_type":"other","operators":["a",1],"themes":"t"}"#).await;
        server.note("who may read");
        server.say(Method::GET, "/api/v2/chat/1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/chat/1", Some(&paul), "").await;
        server.say(Method::GET, "/api/v2/chat/1", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/chat/9", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/chat/x", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/chat/99999999999", Some(&root), "").await;
        server.note("lists, with the number of streams");
        server.say(Method::POST, "/api/v2/stream/chat/2", Some(&jeanne), r#"{"model_name":"m"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/2", Some(&jeanne), r#"{"model_name":"m"}"#).await;
        server.say(Method::GET, "/api/v2/chats", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/chats?desc=YES&limit=1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/chats?skip=1&limit=5", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/chats?limit=0", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/chats", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/chats?skip=-1&limit=x&desc=perhaps", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn streams() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        let stream = "/api/v2/stream";
        server.say(Method::POST, stream, Some(&jeanne), r#"{"model_name":"m"}"#).await;
        let full = r#"{"model_name":"m","query":"Où ?","mode":"rag","limit":"7","with_history":1,"context":"c","institution":"i","links":"l","temperature":0,"sources":["travail-emploi","service-public","travail-emploi"],"should_sids":["a"],"must_not_sids":[],"postprocessing":null}"#;
        server.say(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/1", Some(&jeanne), full).await;
        server.note("a chat of somebody else, for a user and for an administrator; an unknown one; a wrong body comes first");
        server.say(Method::POST, "/api/v2/stream/chat/1", Some(&paul), r#"{"model_name":"m"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/1", Some(&root), r#"{"model_name":"m"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/9", Some(&jeanne), r#"{"model_name":"m"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/9", Some(&jeanne), "{}").await;
        server.note("who may read");
        server.say(Method::GET, "/api/v2/stream/2", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/stream/2", Some(&paul), "").await;
        server.say(Method::GET, "/api/v2/stream/2", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/stream/9", Some(&root), "").await;
        server.note("lists");
        server.say(Method::GET, "/api/v2/streams?chat_id=1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/streams?desc=1&limit=1&skip=1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/streams", Some(&root), "").await;
        server.say(Method::GET, "/api/v2/streams?chat_id=", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_chat_is_changed_by_its_owner() {
    let transcript = on_every_database(async |server| {
        let (jeanne, root) = (server.user("jeanne", false).await, server.user("root", true).await);
        server.say(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        let chat = "/api/v2/chat/1";
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_name":"Vélos"}"#).await;
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_name":null,"chat_type":"evaluations"}"#).await;
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_name":""}"#).await;
        server.note("refused");
        server.say(Method::POST, chat, Some(&root), r#"{"chat_name":"Root's"}"#).await;
        server.say(Method::POST, "/api/v2/chat/9", Some(&jeanne), "{}").await;
        server.say(Method::POST, chat, Some(&jeanne), r#"{"chat_name":1,"chat_type":"x"}"#).await;
        server.say(Method::POST, "/api/v2/chat/x", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn the_time_of_a_chat_s_change_moves_only_with_a_change() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        server.ask(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        let change = async |body: &str| server.ask(Method::POST, "/api/v2/chat/1", Some(&jeanne), body).await.json()["updated_at"].clone();
        let named = change(r#"{"chat_name":"a"}"#).await;
        for body in ["{}", r#"{"chat_name":"a"}"#, r#"{"chat_name":"a","chat_type":"meeting"}"#, r#"{"chat_type":null}"#] {
            assert_eq!(change(body).await, named, "{body}");
        }
        assert_ne!(change(r#"{"chat_name":"b"}"#).await, named);
    });
}

#[test]
fn a_chat_is_archived_and_deleted_with_its_streams() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        server.ask(Method::POST, "/api/v2/chat", Some(&jeanne), r#"{"chat_type":"meeting"}"#).await;
        for query in ["Un ?", "Deux ?"] {
            let body = format!(r#"{{"model_name":"m","query":"{query}","sources":["service-public"]}}"#);
            server.ask(Method::POST, "/api/v2/stream/chat/1", Some(&jeanne), &body).await;
        }
        server.ask(Method::POST, "/api/v2/feedback/add/2", Some(&jeanne), r#"{"type":"chat","is_good":true}"#).await;
        for who in [&jeanne, &root, &paul] {
            server.say(Method::GET, "/api/v2/chat/archive/1", Some(who), "").await;
        }
        server.say(Method::GET, "/api/v2/chat/archive/9", Some(&root), "").await;
        server.note("deletion");
        server.say(Method::DELETE, "/api/v2/chat/delete/1", Some(&root), "").await;
        server.say(Method::DELETE, "/api/v2/chat/delete/1", Some(&jeanne), "").await;
        server.say(Method::DELETE, "/api/v2/chat/delete/1", Some(&jeanne), "").await;
        server.note("nothing is left");
        server.say(Method::GET, "/api/v2/chat/1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/stream/2", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/feedback/1", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/streams", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}
