//! A run in which every secret is used, and a log that has none of them.

use crate::support::{Server, command, databases, first_admin};

#[test]
fn no_secret_is_in_the_log() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut start = command(folder.path());
        start.env("DATABASE_URL", database.url().expose()).env("SECRET_KEY", "a-key-that-is-not-shown").env("LECTERN__LOG__LEVEL", "trace");
        start.env("MODELS_URLS", "['http://127.0.0.1:1']").env("ALBERT_MODELS_API_KEY", "a-models-key").arg("--auto-upgrade");
        let server = Server::start(&mut start);
        let (name, password) = first_admin(folder.path());
        let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
        let session = server.ask("POST", "/api/v2/sign_in", None, &body).json()["token"].as_str().expect("a token").to_owned();
        let token =
            server.ask("POST", "/api/v2/user/token/new", Some(&session), r#"{"name":"t"}"#).json().as_str().expect("one").to_owned();
        let question = r#"{"model_name":"nobody","query":"a-private-question"}"#;
        assert_eq!(server.ask("POST", "/api/v2/stream", Some(&token), question).status, 200);
        assert_eq!(server.ask("GET", "/api/v2/stream/1/start", Some(&token), "").status, 422);
        assert_eq!(server.ask("POST", "/api/v2/sign_in", None, r#"{"username":"x","password":"wrong-password"}"#).status, 400);
        assert_eq!(server.ask("DELETE", &format!("/api/v2/user/token/{token}"), Some(&session), "").status, 200);
        assert_eq!(server.ask("POST", "/api/v2/sign_out", Some(&session), "").status, 200);
        assert_eq!(server.ask("GET", "/api/v2/user/me", Some(&session), "").status, 401);
        let (code, log, _) = server.stop();
        assert_eq!(code, 0, "{log}");
        assert!(log.lines().count() > 20, "there is a log to look at: {log}");
        let secrets =
            [password.as_str(), &session, &token, "a-key-that-is-not-shown", "a-models-key", "wrong-password", "a-private-question"];
        for secret in secrets {
            if let Some(line) = log.lines().find(|line| line.contains(secret)) {
                panic!("a secret is in the log: {line}");
            }
        }
    }
}
