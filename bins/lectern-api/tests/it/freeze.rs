//! A frozen database, and all the processes on it.

use crate::{
    beside::{cli, json_of},
    stopping::{halves, rest, stream, upstream},
    support::{Answer, Server, command, databases, sign_in},
};
use lectern_testkit::{
    TestDatabase, comes,
    upstream::{End, Scripted, Upstream},
};
use serde_json::{Value, json};
use std::{fs, io::Read as _, path::Path, process::Output};

/// Rows that no copy takes.
const UPKEEP: &[&str] = &["followers", "follower_cursors", "freezes", "leases"];

fn start(folder: &Path, database: &TestDatabase, upstream: Option<&Upstream>) -> Server {
    let mut start = command(folder);
    start.env("DATABASE_URL", database.url().expose()).env("SECRET_KEY", "the same on every machine").arg("--auto-upgrade");
    if let Some(upstream) = upstream {
        start.env("LECTERN__LLM__ENDPOINTS", json!([{ "url": upstream.url(), "models": ["m"] }]).to_string());
    }
    Server::start(&mut start)
}

/// A request that changes something is refused for the moment.
#[track_caller]
fn refused(server: &Server, method: &str, path: &str, token: Option<&str>, body: &str) {
    let mut answer = String::new();
    server.send(method, path, token, body).read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.to_lowercase().contains("retry-after: 30\r\n"), "{method} {path}: {answer}");
    let said = r#"{"detail":"Nothing can be changed at the moment: try again later"}"#;
    assert_eq!(Answer::read(&answer).body, said, "{method} {path}");
}

fn writes(server: &Server) -> Value {
    let mut ready = server.ask("GET", "/readyz", None, "");
    // On a machine that is busy, a look at the database may take longer than is waited for.
    let is_ready = comes(|| {
        ready = server.ask("GET", "/readyz", None, "");
        ready.status == 200
    });
    assert!(is_ready, "{}", ready.body);
    ready.json()["checks"]["writes"]["state"].clone()
}

/// The one line of a command that fails.
#[track_caller]
fn fails(output: Output, code: i32) -> String {
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[test]
fn every_process_refuses_writes_until_the_thaw() {
    for database in databases() {
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().expect("a folder")).collect();
        let mut servers: Vec<Server> = folders[..2].iter().map(|folder| start(folder.path(), &database, None)).collect();
        let token = sign_in(&servers[0], folders[0].path());
        let url = database.url().expose();
        let lectern = |arguments: &[&str]| cli(folders[0].path(), &url, arguments).output().expect("an end");
        fs::write(folders[0].path().join("a.jsonl"), "{\"_id\": \"a\", \"text\": \"The ferry crosses.\"}\n").expect("a file");
        json_of(lectern(&["corpus", "add", "a.jsonl", "--collection", "documents", "--language", "en"]));
        let chat = r#"{"chat_type":"meeting"}"#;
        let search = json!({ "name": "chunks", "query": "ferry", "limit": 3, "similarity": "bm25" }).to_string();
        for server in &servers {
            assert_eq!(server.ask("POST", "/api/v2/chat", Some(&token), chat).status, 200);
        }

        let frozen = json_of(lectern(&["db", "freeze"]));
        assert_eq!((&frozen["frozen"], &frozen["already"]), (&json!(true), &json!(false)));
        let kept = database.rows_but_of(UPKEEP);
        servers.push(start(folders[2].path(), &database, None));
        for server in &servers {
            assert_eq!(writes(server), "frozen");
            refused(server, "POST", "/api/v2/chat", Some(&token), chat);
            refused(server, "DELETE", "/api/v2/chat/delete/1", Some(&token), "");
            refused(server, "POST", "/api/v2/sign_in", None, r#"{"username":"admin","password":"no-matter-which"}"#);
            assert_eq!(server.ask("GET", "/api/v2/chats", Some(&token), "").json().as_array().map(Vec::len), Some(2));
            // Each has a folder of its own, and makes its index in it now.
            let found = || server.ask("POST", "/api/v2/indexes", Some(&token), &search).body.contains("The ferry crosses.");
            assert!(comes(&found), "on {}: nothing is found", database.name());
        }
        for arguments in [
            ["user", "add", "ann", "ann@example.org"].as_slice(),
            &["corpus", "add", "a.jsonl", "--collection", "others", "--language", "en"],
            &["db", "sequences", "reset"],
            &["db", "downgrade", "-1", "--yes"],
        ] {
            assert!(fails(lectern(arguments), 4).contains("`lectern db thaw`"), "{arguments:?}");
        }
        assert_eq!(json_of(lectern(&["search", "ferry"]))["results"].as_array().map(Vec::len), Some(1));
        assert_eq!(json_of(lectern(&["db", "freeze"]))["already"], true);
        assert_eq!(database.rows_but_of(UPKEEP), kept, "on {}: a copy would differ", database.name());

        assert_eq!(json_of(lectern(&["db", "thaw"]))["since"], frozen["since"]);
        for server in &servers {
            assert_eq!(writes(server), "open");
            assert_eq!(server.ask("POST", "/api/v2/chat", Some(&token), chat).status, 200);
        }
        assert_eq!(json_of(lectern(&["db", "thaw"]))["since"], Value::Null);
    }
}

#[test]
fn an_answer_that_is_being_written_comes_to_its_end_first() {
    let (first, last) = halves();
    for database in databases() {
        let (_runtime, upstream) = upstream(Scripted::Gated(vec![first.clone().into_bytes(), last.clone().into_bytes()], End::Whole));
        let folder = tempfile::tempdir().expect("a folder");
        let server = start(folder.path(), &database, Some(&upstream));
        let token = sign_in(&server, folder.path());
        upstream.release(1);
        let (reader, text) = stream(&server, &token, "d\u{e9}but");

        let impatient = cli(folder.path(), &database.url().expose(), &["db", "freeze", "--wait", "0"]).output().expect("an end");
        assert!(fails(impatient, 6).contains("answers (1) and jobs (0)"));
        assert_eq!(writes(&server), "open", "nothing is frozen");

        let freezing = cli(folder.path(), &database.url().expose(), &["db", "freeze", "--wait", "600"]).spawn().expect("it starts");
        assert!(comes(|| writes(&server) == "draining"), "on {}: it never began", database.name());
        refused(&server, "POST", "/api/v2/stream", Some(&token), r#"{"model_name":"m","query":"Encore ?"}"#);
        upstream.release(1);
        let answer = Answer::read(&rest(reader, text));
        assert!(answer.body.ends_with(&last), "{}", answer.body);
        assert_eq!(json_of(freezing.wait_with_output().expect("an end"))["frozen"], true);
        let kept = server.ask("GET", "/api/v2/stream/1", Some(&token), "").json();
        assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!("Un d\u{e9}but et une fin."), &json!(false)));
    }
}

#[test]
fn an_answer_that_is_not_waited_for_is_read_and_not_kept() {
    let (first, last) = halves();
    for database in databases() {
        let (_runtime, upstream) = upstream(Scripted::Gated(vec![first.clone().into_bytes(), last.clone().into_bytes()], End::Whole));
        let folder = tempfile::tempdir().expect("a folder");
        let server = start(folder.path(), &database, Some(&upstream));
        let token = sign_in(&server, folder.path());
        upstream.release(1);
        let (reader, text) = stream(&server, &token, "d\u{e9}but");
        json_of(cli(folder.path(), &database.url().expose(), &["db", "freeze", "--now"]).output().expect("an end"));
        let kept = database.rows_but_of(UPKEEP);
        upstream.release(1);
        assert!(Answer::read(&rest(reader, text)).body.ends_with(&last));
        server.logged("an answer could not be kept");
        assert_eq!(database.rows_but_of(UPKEEP), kept, "on {}: a copy would differ", database.name());
    }
}
