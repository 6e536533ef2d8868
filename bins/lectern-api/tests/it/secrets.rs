//! A run in which every secret is used, and a log, a page of metrics and answers that have none of them.

use crate::{
    metrics::scrape,
    support::{Server, command, databases, first_admin},
};
use lectern_testkit::upstream::{Scripted, Upstream, chat_events};
use serde_json::json;
use std::path::Path;
use tokio::runtime::Builder;

/// What is secret whoever uses it.
const KEYS: [&str; 2] = ["a-key-that-is-not-shown", "a-models-key"];

/// The token of the link that was mailed.
fn reset_token(folder: &Path) -> String {
    let mails = std::fs::read_dir(folder.join("data/mails")).expect("the folder of mails");
    let texts = mails.map(|mail| std::fs::read_to_string(mail.expect("a file").path()).expect("text"));
    let text = texts.filter(|text| text.contains("token=")).last().expect("a mail with a link");
    text.split("token=").nth(1).expect("a token").chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[test]
fn no_secret_is_in_the_log() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    for database in databases() {
        let upstream = runtime.block_on(Upstream::start());
        upstream.script([
            // An endpoint that repeats the key and the question in its error.
            Scripted::Status(400, json!({ "error": { "message": "a-models-key is not for a-private-question" } }).to_string()),
            Scripted::events(&chat_events("m", "a-private-answer"), lectern_testkit::upstream::End::Cut),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        let mut start = command(folder.path());
        start.env("DATABASE_URL", database.url().expose()).env("SECRET_KEY", KEYS[0]).env("LECTERN__LOG__LEVEL", "trace");
        start.env("LECTERN__LLM__ENDPOINTS", json!([{ "url": upstream.url(), "models": ["m"] }]).to_string());
        start.env("ALBERT_MODELS_API_KEY", KEYS[1]).arg("--auto-upgrade");
        let server = Server::start(&mut start);
        let (name, password) = first_admin(folder.path());
        let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
        let session = server.ask("POST", "/api/v2/sign_in", None, &body).json()["token"].as_str().expect("a token").to_owned();
        let token =
            server.ask("POST", "/api/v2/user/token/new", Some(&session), r#"{"name":"t"}"#).json().as_str().expect("one").to_owned();
        // Wrong passwords, tokens in wrong places, paths and queries that hold them.
        assert_eq!(server.ask("POST", "/api/v2/sign_in", None, r#"{"username":"x","password":"wrong-password"}"#).status, 400);
        assert_eq!(server.ask("POST", "/api/v2/sign_in", None, r#"{"username":"x","password":"é wrong pässword"}"#).status, 422);
        assert_eq!(server.ask("POST", "/api/v2/sign_in", None, r#"{"password":"unclosed-password"#).status, 422);
        let person = r#"{"username":"paul","email":"paul@example.org","password":"password-of-paul"}"#;
        assert_eq!(server.ask("POST", "/api/v2/user/me", None, person).status, 200);
        let forgotten = server.ask("POST", "/api/v2/send_reset_password_email", None, r#"{"email":"paul@example.org"}"#);
        assert_eq!(forgotten.status, 200, "{}", forgotten.body);
        let link = reset_token(folder.path());
        let renewed = format!(r#"{{"token":"{link}","password":"renewed-password"}}"#);
        assert!([200, 400].contains(&server.ask("POST", "/api/v2/reset_password", None, &renewed).status));
        assert_eq!(server.ask("GET", "/api/v2/user/me", Some("garbage-token"), "").status, 401);
        assert_eq!(server.ask("GET", &format!("/api/v2/user/token/{token}"), Some(&session), "").status, 405);
        assert_eq!(server.ask("GET", &format!("/api/v2/nowhere/{token}?token={session}"), Some(&session), "").status, 404);
        assert_eq!(server.ask("GET", "/api/v2/chats?limit=query-secret", Some(&session), "").status, 422);
        // A question that a model refuses, one that it answers in part, and one for a model that is not there.
        for (model, status) in [("m", 200), ("m", 200), ("nobody", 422)] {
            let question = json!({ "model_name": model, "query": "a-private-question" }).to_string();
            let made = server.ask("POST", "/api/v2/stream", Some(&token), &question).json();
            let answer = server.ask("GET", &format!("/api/v2/stream/{}/start", made["id"]), Some(&token), "");
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(KEYS.iter().all(|key| !answer.body.contains(key)), "{}", answer.body);
        }
        let page = scrape(&server);
        assert_eq!(server.ask("DELETE", &format!("/api/v2/user/token/{token}"), Some(&session), "").status, 200);
        assert_eq!(server.ask("POST", "/api/v2/sign_out", Some(&session), "").status, 200);
        assert_eq!(server.ask("GET", "/api/v2/user/me", Some(&session), "").status, 401);
        let (code, log, out) = server.stop();
        assert_eq!(code, 0, "{log}");
        assert!(log.lines().count() > 50 && log.contains("TRACE"), "there is a log to look at: {log}");
        let secrets = [password.as_str(), &session, &token, &link].into_iter().chain(KEYS).chain([
            "wrong-password",
            "wrong pässword",
            "unclosed-password",
            "password-of-paul",
            "renewed-password",
            "garbage-token",
            "query-secret",
            "a-private-question",
            "a-private-answer",
        ]);
        for secret in secrets {
            for (place, text) in [("log", &log), ("page of metrics", &page), ("standard output", &out)] {
                if let Some(line) = text.lines().find(|line| line.contains(secret)) {
                    panic!("{secret} is in the {place}: {line}");
                }
            }
        }
    }
}
