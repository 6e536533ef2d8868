//! Answers whose reader, model or process goes away in the middle.

use crate::{
    stopping::{halves, read_until, rest, stream, upstream},
    support::{Answer, Server, command, databases, sign_in},
};
use lectern_testkit::{
    TestDatabase,
    upstream::{End, Scripted, Upstream},
};
use serde_json::{Value, json};
use std::path::Path;
use tokio::runtime::Runtime;

/// How often the API is asked for what is to come, at most.
const MOST: usize = 100_000;

/// What the first half of the answer says.
const SAID: &str = "Un d\u{e9}but";

/// A server whose answers are believed to be written for two seconds after its last word.
fn start(folder: &Path, database: &TestDatabase, upstream: &Upstream) -> Server {
    let mut start = command(folder);
    start.env("DATABASE_URL", database.url().expose()).env("LECTERN__HTTP__STREAM_LEASE_S", "2").arg("--auto-upgrade");
    start.env("LECTERN__LLM__ENDPOINTS", json!([{ "url": upstream.url(), "models": ["m"] }]).to_string());
    Server::start(&mut start)
}

/// Asks for the stream until it is as wanted.
#[track_caller]
fn until(server: &Server, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut seen = Value::Null;
    for _ in 0..MOST {
        seen = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
        if wanted(&seen) {
            return seen;
        }
    }
    panic!("it stays {seen}");
}

/// Every database, with a server in a folder of its own, an upstream that does what the script says, and a session.
fn each(script: &Scripted, test: impl Fn(&dyn Fn() -> Server, &(Runtime, Upstream), Server, &str)) {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = upstream(script.clone());
        let again = || start(folder.path(), &database, &upstream.1);
        let server = again();
        let token = sign_in(&server, folder.path());
        test(&again, &upstream, server, &token);
    }
}

/// The first half, and nothing more until it is let go.
fn gated() -> Scripted {
    let (first, last) = halves();
    Scripted::Gated(vec![first.into_bytes(), last.into_bytes()], End::Whole)
}

/// The first half; let go once more, the beginning of an event, behind which the connection is cut.
fn cut() -> Scripted {
    let (first, _) = halves();
    Scripted::Gated(vec![first.into_bytes(), b"data: ".to_vec()], End::Cut)
}

/// Reads an answer up to its first half, has the connection to the model cut, and reads the rest.
fn read_cut(server: &Server, token: &str, upstream: &Upstream) -> String {
    upstream.release(1);
    let (reader, text) = stream(server, token, "d\u{e9}but");
    upstream.release(1);
    rest(reader, text)
}

#[test]
fn a_reader_that_leaves_ends_the_model_s_work_and_what_was_said_is_kept() {
    each(&gated(), |_, (runtime, upstream), server, token| {
        upstream.release(1);
        let (reader, _) = stream(&server, token, "d\u{e9}but");
        assert_eq!(until(&server, token, |stream| stream["is_streaming"] == true)["response"], Value::Null);
        drop(reader);
        runtime.block_on(upstream.clients_left(1));
        let kept = until(&server, token, |stream| !stream["response"].is_null());
        assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!(SAID), &json!(false)));
        assert!(kept["prompt"].as_str().is_some_and(|prompt| prompt.starts_with("04224d18")), "{kept}");
        assert_eq!(server.stop().0, 0);
    });
}

#[test]
fn a_model_that_breaks_off_cuts_the_answer_and_what_was_said_is_kept() {
    let (first, _) = halves();
    each(&cut(), |_, (_runtime, upstream), server, token| {
        let whole = read_cut(&server, token, upstream);
        assert!(!whole.ends_with("0\r\n\r\n"), "the body is not whole: {whole}");
        assert!(Answer::read(&whole).body.contains(&first), "{whole}");
        // It is kept before the reader is told.
        let kept = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
        assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!(SAID), &json!(false)));
        server.logged("what it said until then is kept");
        assert_eq!(server.stop().0, 0);
    });
}

#[test]
fn a_model_that_ends_with_an_error_has_it_passed_on_and_what_was_said_is_kept() {
    let (first, _) = halves();
    let error = "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n";
    each(&Scripted::events(&format!("{first}{error}"), End::Whole), |_, _, server, token| {
        let (reader, text) = stream(&server, token, "d\u{e9}but");
        let answer = Answer::read(&rest(reader, text));
        assert_eq!((answer.status, answer.body), (200, format!("{first}{error}")));
        let kept = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
        assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!(SAID), &json!(false)));
        assert_eq!(server.stop().0, 0);
    });
}

#[test]
fn a_stream_of_a_process_that_was_killed_is_not_streaming_and_what_was_kept_before_is_there() {
    each(&cut(), |again, (_runtime, upstream), server, token| {
        // A partial answer, kept.
        read_cut(&server, token, upstream);
        let before = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
        assert_eq!((&before["response"], &before["is_streaming"]), (&json!(SAID), &json!(false)));

        // Another one to the same question, and the process is killed in the middle of it.
        upstream.script([gated(), Scripted::Behave]);
        upstream.release(1);
        let mut reader = server.send("GET", "/api/v2/stream/1/start", Some(token), "");
        let begun = read_until(&mut reader, "d\u{e9}but");
        assert_eq!(until(&server, token, |stream| stream["is_streaming"] == true)["response"], SAID);
        server.kill();
        assert!(!rest(reader, begun).ends_with("0\r\n\r\n"), "cut");

        let server = again();
        let after = until(&server, token, |stream| stream["is_streaming"] == false);
        assert_eq!(after, before, "nothing of the run that was killed is left");
        upstream.set_answer("Une fin.");
        let answer = server.ask("GET", "/api/v2/stream/1/start", Some(token), "");
        assert!(answer.status == 200 && answer.body.contains("[DONE]"), "{}", answer.body);
        let kept = server.ask("GET", "/api/v2/stream/1", Some(token), "").json();
        assert_eq!((&kept["response"], &kept["is_streaming"]), (&json!("Une fin."), &json!(false)));
        assert_eq!(server.stop().0, 0);
    });
}
