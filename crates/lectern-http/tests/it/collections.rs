//! Collections: made, listed, changed and deleted.

use crate::support::{Server, on_every_database};
use actix_web::http::Method;
use insta::assert_snapshot;

pub(crate) const COLLECTIONS: &str = "/api/v1/collections";

pub(crate) async fn create(server: &Server, token: &str, body: &str) -> String {
    let made = server.ask(Method::POST, COLLECTIONS, Some(token), body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_collection_s_life() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        let jeanne_says = async |method, path: &str, body: &str| server.say(method, path, Some(&jeanne), body).await;
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"docs"}"#).await;
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"guides","language":"en","fields":{"year":"number","day":"date"}}"#).await;
        server.note("the name is taken among her own, and nobody else's");
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"docs"}"#).await;
        server.say(Method::POST, COLLECTIONS, Some(&paul), r#"{"name":"docs"}"#).await;
        server.note("the newest first");
        jeanne_says(Method::GET, COLLECTIONS, "").await;
        jeanne_says(Method::GET, &format!("{COLLECTIONS}?order=asc&limit=1"), "").await;
        jeanne_says(Method::GET, &format!("{COLLECTIONS}/docs"), "").await;
        jeanne_says(Method::PATCH, &format!("{COLLECTIONS}/docs"), r#"{"name":"notes"}"#).await;
        jeanne_says(Method::GET, &format!("{COLLECTIONS}/docs"), "").await;
        jeanne_says(Method::PATCH, &format!("{COLLECTIONS}/notes"), r#"{"name":"guides"}"#).await;
        server.note("only an administrator makes one public");
        jeanne_says(Method::PATCH, &format!("{COLLECTIONS}/notes"), r#"{"visibility":"public"}"#).await;
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"all","visibility":"public"}"#).await;
        let id = jeanne_says(Method::GET, &format!("{COLLECTIONS}/notes"), "").await.json()["id"].as_str().expect("an id").to_owned();
        server.say(Method::GET, &format!("{COLLECTIONS}/{id}"), Some(&paul), "").await;
        server.say(Method::PATCH, &format!("{COLLECTIONS}/{id}"), Some(&root), r#"{"visibility":"public"}"#).await;
        server.say(Method::GET, &format!("{COLLECTIONS}/notes"), Some(&paul), "").await;
        server.note("paul reads it, and changes nothing");
        server.say(Method::PATCH, &format!("{COLLECTIONS}/notes"), Some(&paul), r#"{"name":"mine"}"#).await;
        server.say(Method::DELETE, &format!("{COLLECTIONS}/notes"), Some(&paul), "").await;
        server.note("a public name is one for all; a private one may be the same");
        server.say(Method::POST, COLLECTIONS, Some(&root), r#"{"name":"notes","visibility":"public"}"#).await;
        server.say(Method::POST, COLLECTIONS, Some(&paul), r#"{"name":"notes"}"#).await;
        server.note("her own is what jeanne means, hers no longer: she may take it back");
        jeanne_says(Method::PATCH, &format!("{COLLECTIONS}/notes"), r#"{"visibility":"private"}"#).await;
        server.say(Method::GET, &format!("{COLLECTIONS}/{id}"), Some(&paul), "").await;
        server.note("an account has three here");
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"third"}"#).await;
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"fourth"}"#).await;
        jeanne_says(Method::DELETE, &format!("{COLLECTIONS}/third"), "").await;
        jeanne_says(Method::DELETE, &format!("{COLLECTIONS}/third"), "").await;
        jeanne_says(Method::POST, COLLECTIONS, r#"{"name":"third"}"#).await;
        server.note("an administrator reads all");
        server.say(Method::GET, &format!("{COLLECTIONS}?order=asc"), Some(&root), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn pages_follow_each_other() {
    on_every_database(async |server| {
        let root = server.user("root", true).await;
        for number in 0..5 {
            create(&server, &root, &format!(r#"{{"name":"c{number}"}}"#)).await;
        }
        for (order, expect) in [("asc", ["c0", "c1", "c2", "c3", "c4"]), ("desc", ["c4", "c3", "c2", "c1", "c0"])] {
            let (mut names, mut path) = (Vec::new(), format!("{COLLECTIONS}?limit=2&order={order}"));
            loop {
                let page = server.ask(Method::GET, &path, Some(&root), "").await.json();
                let data = page["data"].as_array().expect("a list");
                names.extend(data.iter().map(|one| one["name"].as_str().expect("a name").to_owned()));
                if page["has_more"] == false {
                    break;
                }
                assert_eq!(data.len(), 2);
                path = format!("{COLLECTIONS}?limit=2&order={order}&after={}", page["last_id"].as_str().expect("an id"));
            }
            assert_eq!(names, expect);
        }
    });
}

#[test]
fn what_is_wrong_is_told_in_openai_s_words() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        for body in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"name":7}"#,
            r#"{"name":"a b"}"#,
            r#"{"name":"6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11"}"#,
            r#"{"name":"a","visibility":"shared"}"#,
            r#"{"name":"a","language":"la"}"#,
            r#"{"name":"a","colour":"red"}"#,
            r#"{"name":"a","fields":["year"]}"#,
            r#"{"name":"a","fields":{"year":"integer"}}"#,
            r#"{"name":"a","fields":{"source":"keyword"}}"#,
        ] {
            server.say(Method::POST, COLLECTIONS, Some(&jeanne), body).await;
        }
        for query in ["limit=0", "limit=101", "limit=x", "order=up", "after=x", "after=6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11"] {
            server.say(Method::GET, &format!("{COLLECTIONS}?{query}"), Some(&jeanne), "").await;
        }
        server.say(Method::GET, &format!("{COLLECTIONS}/no%20name"), Some(&jeanne), "").await;
        server.say(Method::PATCH, &format!("{COLLECTIONS}/none"), Some(&jeanne), r#"{"name":"x"}"#).await;
        let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(5000));
        let answer = server.ask(Method::POST, COLLECTIONS, Some(&jeanne), &long).await;
        server.note(&format!("5,000 characters: {} {}", answer.status.as_u16(), answer.body));
        server.note("nobody");
        server.say(Method::GET, COLLECTIONS, None, "").await;
    });
    assert_snapshot!(transcript);
}
