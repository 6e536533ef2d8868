//! Clients that people use against the running server, with a scripted endpoint behind it: the official `openai` package and `curl`.

use crate::support::{Server, command, databases, first_admin};
use lectern_testkit::upstream::{End, Scripted, Upstream, chat_events};
use serde_json::json;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const ANSWER: &str = "Ça dépend 🚀 du guichet.";

/// A server whose only endpoint is the upstream, and an API token for it.
fn server(folder: &Path, database: &str, upstream: &Upstream) -> (Server, String) {
    let endpoints = format!("['{}']", upstream.url());
    let mut start = command(folder);
    start.env("DATABASE_URL", database).env("MODELS_URLS", endpoints).env("ALBERT_MODELS_API_KEY", "sk-of-the-server");
    let server = Server::start(start.env("LECTERN__LLM__RETRIES", "0").arg("--auto-upgrade"));
    let (username, password) = first_admin(folder);
    let sign_in = json!({ "username": username, "password": password }).to_string();
    let session = server.ask("POST", "/api/v2/sign_in", None, &sign_in).json()["token"].as_str().expect("a session").to_owned();
    let token = server.ask("POST", "/api/v2/user/token/new", Some(&session), r#"{"name":"client"}"#);
    (server, token.json().as_str().expect("a token").to_owned())
}

/// The interpreter that has the package; `.ci/run` makes it.
#[expect(clippy::disallowed_methods, reason = "tests are told of outside programs by the environment")]
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("LECTERN_TEST_OPENAI_PYTHON").map(PathBuf::from);
    if python.is_none() {
        println!("skipped: LECTERN_TEST_OPENAI_PYTHON names no Python with the package openai");
    }
    python
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_python_client() {
    let Some(python) = python() else { return };
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = Upstream::start().await;
        upstream.set_answer(ANSWER);
        upstream.refuse_user("refuse me");
        let (server, token) = server(folder.path(), &database.url().expose(), &upstream);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients/openai_client.py");
        let run = Command::new(&python).arg(script).args([&format!("http://{}", server.address()), &token]).output().expect("Python runs");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.trim() == "fine", "{said}{}", String::from_utf8_lossy(&run.stderr));
        let requests = upstream.requests();
        assert!(requests.iter().all(|sent| sent.header("authorization") == Some("Bearer sk-of-the-server")));
        assert!(requests.iter().all(|sent| !String::from_utf8_lossy(&sent.body).contains(&token)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_sees_every_event_when_it_is_sent() {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no curl");
        return;
    }
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = Upstream::start().await;
        let (server, token) = server(folder.path(), &database.url().expose(), &upstream);
        let events = chat_events("scripted-chat", ANSWER);
        upstream.received(1).await;
        upstream.script([Scripted::Gated(events.split_inclusive("\n\n").map(|event| event.into()).collect(), End::Whole)]);
        let body = json!({ "model": "scripted-chat", "messages": [{ "role": "user", "content": "Où ?" }], "stream": true }).to_string();
        let mut curl = Command::new("curl")
            .args(["--silent", "--show-error", "--no-buffer", "--max-time", "120", "--header", "content-type: application/json"])
            .args(["--header", &format!("authorization: Bearer {token}"), "--data", &body])
            .arg(format!("http://{}/api/v1/chat/completions", server.address()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl starts");
        let mut out = curl.stdout.take().expect("standard output");
        // Each event is let go only when the one before it has been seen.
        for event in events.split_inclusive("\n\n") {
            upstream.release(1);
            let mut seen = vec![0; event.len()];
            out.read_exact(&mut seen).expect("an event");
            assert_eq!(String::from_utf8_lossy(&seen), event);
        }
        let mut rest = Vec::new();
        out.read_to_end(&mut rest).expect("the end");
        assert!(rest.is_empty() && curl.wait().expect("an end").success());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_ends_the_request_to_the_endpoint() {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = Upstream::start().await;
    let (server, token) = server(folder.path(), "", &upstream);
    upstream.received(1).await;
    upstream.script([Scripted::events("data: a\n\n", End::Silence)]);
    let body = json!({ "model": "scripted-chat", "messages": [{ "role": "user", "content": "Où ?" }], "stream": true }).to_string();
    let mut stream = server.send("POST", "/api/v1/chat/completions", Some(&token), &body);
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("an answer");
    assert_eq!(&head, b"HTTP/1.1 200");
    drop(stream);
    upstream.clients_left(1).await;
}
