//! Probes, and the way to the end: what is under way gets its time, then is cut, and what came of it is kept.

use crate::support::{Answer, Server, command, databases, sign_in};
use lectern_testkit::{
    TestDatabase,
    upstream::{End, Scripted, Upstream, chat_events},
};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};
use tokio::runtime::{Builder, Runtime};

/// A model's endpoint on threads of its own: the tests block theirs.
pub(crate) fn upstream(script: Scripted) -> (Runtime, Upstream) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    let upstream = runtime.block_on(Upstream::start());
    upstream.script([script]);
    (runtime, upstream)
}

/// A server whose model `m` is behind that endpoint.
fn start(folder: &Path, database: &TestDatabase, upstream: &Upstream, grace: &str) -> Server {
    let mut start = command(folder);
    start.env("DATABASE_URL", database.url().expose()).env("LECTERN__HTTP__SHUTDOWN_GRACE_S", grace).arg("--auto-upgrade");
    start.env("LECTERN__LOG__FORMAT", "json");
    start.env("LECTERN__LLM__ENDPOINTS", json!([{ "url": upstream.url(), "models": ["m"] }]).to_string());
    Server::start(&mut start)
}

/// Asks a question and reads its answer up to the words; what comes after can be read from the connection.
pub(crate) fn stream(server: &Server, token: &str, until: &str) -> (TcpStream, String) {
    let made = server.ask("POST", "/api/v2/stream", Some(token), r#"{"model_name":"m","query":"Prêt ?"}"#).json();
    let mut reader = server.send("GET", &format!("/api/v2/stream/{}/start", made["id"]), Some(token), "");
    let text = read_until(&mut reader, until);
    (reader, text)
}

/// Reads an answer up to the words.
pub(crate) fn read_until(reader: &mut TcpStream, until: &str) -> String {
    let (mut text, mut part) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&text).contains(until) {
        let read = reader.read(&mut part).expect("a part");
        assert!(read > 0, "it ended early: {}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&part[..read]);
    }
    String::from_utf8(text).expect("text")
}

/// The rest of an answer, whether it is whole or cut.
pub(crate) fn rest(mut reader: TcpStream, mut text: String) -> String {
    let mut more = Vec::new();
    // A connection that is cut may end with an error.
    let _ = reader.read_to_end(&mut more);
    text.push_str(&String::from_utf8(more).expect("text"));
    text
}

/// The events of the first words of an answer, and the rest.
pub(crate) fn halves() -> (String, String) {
    let events = chat_events("m", "Un début et une fin.");
    let at = events.match_indices("\n\n").nth(2).map(|(at, end)| at + end.len()).expect("three events");
    (events[..at].to_owned(), events[at..].to_owned())
}

/// Every database, with a data folder and a session of its first administrator.
fn each(script: &Scripted, grace: &str, test: impl Fn(Server, &Upstream, &str, &dyn Fn() -> Server)) {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_runtime, upstream) = upstream(script.clone());
        let again = || start(folder.path(), &database, &upstream, grace);
        let server = again();
        let token = sign_in(&server, folder.path());
        test(server, &upstream, &token, &again);
    }
}

#[test]
fn a_stream_that_ends_in_time_is_whole_and_nothing_new_is_begun_meanwhile() {
    let (first, last) = halves();
    let script = Scripted::Gated(vec![first.into_bytes(), last.clone().into_bytes()], End::Whole);
    each(&script, "600", |server, upstream, token, _| {
        upstream.release(1);
        let (reader, text) = stream(&server, token, "d\u{e9}but");
        server.signal("-TERM");
        server.logged("stopping");
        let ready = server.ask("GET", "/readyz", None, "");
        assert_eq!((ready.status, &ready.json()["checks"]["server"]), (503, &json!({ "ok": false, "state": "stopping" })));
        let refused = server.ask("GET", "/api/v2/user/me", Some(token), "");
        assert_eq!((refused.status, refused.body.as_str()), (503, r#"{"detail":"Service Unavailable"}"#));
        assert_eq!(server.ask("GET", "/livez", None, "").status, 200);
        upstream.release(1);
        let answer = Answer::read(&rest(reader, text));
        assert!(answer.body.ends_with(&last), "{}", answer.body);
        let (code, log, _) = server.ended();
        assert_eq!((code, log.contains("cutting")), (0, false), "{log}");
    });
}

#[test]
fn a_stream_that_does_not_end_is_cut_and_what_was_said_is_kept() {
    let (first, last) = halves();
    let script = Scripted::Gated(vec![first.into_bytes(), last.clone().into_bytes()], End::Whole);
    // No time at all, and time that a second signal ends.
    for (grace, signals) in [("0", ["-TERM"].as_slice()), ("600", &["-INT", "-TERM"])] {
        each(&script, grace, |server, upstream, token, again| {
            upstream.release(1);
            let (reader, text) = stream(&server, token, "d\u{e9}but");
            for signal in signals {
                server.signal(signal);
                server.logged("stopping");
            }
            let whole = rest(reader, text);
            assert!(!whole.contains("[DONE]") && !whole.ends_with("0\r\n\r\n"), "{whole}");
            let (code, log, _) = server.ended();
            assert_eq!((code, log.contains("cutting")), (0, true), "{log}");
            let server = again();
            let kept = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
            assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!("Un d\u{e9}but"), &Value::Bool(false)));
            assert_eq!(server.stop().0, 0);
        });
    }
}

#[test]
fn a_line_of_a_task_that_a_request_began_names_the_request() {
    let (first, _) = halves();
    each(&Scripted::events(&first, End::Cut), "10", |server, _, token, _| {
        server.ask("POST", "/api/v2/stream", Some(token), r#"{"model_name":"m","query":"Prêt ?"}"#);
        let mut reader = TcpStream::connect(server.address()).expect("a connection");
        let head =
            format!("GET /api/v2/stream/1/start HTTP/1.1\r\nHost: test\r\nX-Request-Id: mine-1\r\nAuthorization: Bearer {token}\r\n\r\n");
        reader.write_all(head.as_bytes()).expect("it is sent");
        let answer = rest(reader, String::new());
        assert!(answer.contains("x-request-id: mine-1"), "{answer}");
        let line: Value = serde_json::from_str(&server.logged("the model failed")).expect("JSON");
        assert_eq!((&line["span"]["id"], &line["span"]["route"]), (&json!("mine-1"), &json!("/api/v2/stream/{stream_id}/start")));
        assert_eq!(server.stop().0, 0);
    });
}

#[test]
fn a_server_is_ready_while_everything_it_needs_is_well() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(command(folder.path()).env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade"));
        let ready = server.ask("GET", "/readyz", None, "");
        let well = |state: &str| json!({ "ok": true, "state": state });
        let running = ["lexical", "embedder", "vectors", "maintenance", "jobs"].map(|name| (name.to_owned(), well("running")));
        let mut checks =
            json!({ "server": well("serving"), "database": well("reachable"), "schema": well("up to date"), "writes": well("open") });
        checks.as_object_mut().expect("an object").extend(running);
        assert_eq!((ready.status, ready.json()), (200, json!({ "status": "ready", "checks": checks })));
        assert_eq!(server.ask("GET", "/livez", None, "").body, r#"{"status":"alive"}"#);
        if database.name() == "postgres" {
            drop(database);
            let ready = server.ask("GET", "/readyz", None, "");
            let checks = &ready.json()["checks"];
            // A connection that is left fails at once, a new one is tried for until the probe's time is over.
            assert_eq!((ready.status, &checks["database"]["ok"], &checks["schema"]["ok"]), (503, &json!(false), &json!(false)));
            assert_eq!(server.ask("GET", "/livez", None, "").status, 200);
        }
        assert_eq!(server.stop().0, 0);
    }
}
