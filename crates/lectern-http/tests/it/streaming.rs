//! Streams that run, end early, are stopped, or are started twice; and what is masked in them.

use crate::support::{Server, on_every_database, with_upstream, with_upstream_as};
use actix_web::{http::Method, rt, rt::System};
use insta::assert_snapshot;
use lectern_service::{
    answer::RunOptions,
    app::{AppOptions, TextFiles},
    llm::Endpoint,
};
use lectern_testkit::{
    TestDatabase,
    upstream::{End, Scripted, Upstream, chat_events},
};
use serde_json::Value;
use std::{fs, rc::Rc, time::Duration};

const ANSWER: &str = "Un deux trois quatre.";

async fn ask(server: &Server, token: &str, body: &str) {
    let answer = server.ask(Method::POST, "/api/v2/stream", Some(token), body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

async fn stream(server: &Server, token: &str) -> Value {
    server.ask(Method::GET, "/api/v2/stream/1", Some(token), "").await.json()
}

/// Pieces of an answer that wait for their release.
fn gated() -> Scripted {
    let pieces = chat_events("m", ANSWER).split_inclusive("\n\n").map(|event| event.as_bytes().to_vec()).collect();
    Scripted::Gated(pieces, End::Whole)
}

/// Starts stream 1 in the background.
fn start(server: &Rc<Server>, token: &str) -> rt::task::JoinHandle<(u16, String)> {
    let (server, token) = (server.clone(), token.to_owned());
    rt::spawn(async move {
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(&token), "").await;
        (answer.status.as_u16(), answer.body)
    })
}

/// Servers on one database, each as a process of its own, with one upstream.
fn with_servers(count: usize, test: impl AsyncFn(&[Rc<Server>], &Upstream, &str)) {
    for database in TestDatabase::all() {
        System::new().block_on(async {
            let upstream = Upstream::start().await;
            let mut servers = Vec::new();
            for _ in 0..count {
                let endpoint = Endpoint { models: Some(vec!["m".to_owned()]), ..Endpoint::new(upstream.url()) };
                let runs = RunOptions { heartbeat: Duration::from_millis(20), ..RunOptions::default() };
                let change = |options| AppOptions { endpoints: vec![endpoint], runs, ..options };
                servers.push(Rc::new(Server::start_as(&database, change).await));
            }
            let jeanne = servers[0].user("jeanne", false).await;
            ask(&servers[0], &jeanne, r#"{"model_name":"m","query":"Q ?"}"#).await;
            test(&servers, &upstream, &jeanne).await;
        });
    }
}

#[test]
fn stopping_is_for_owners() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul, root) = (server.user("jeanne", false).await, server.user("paul", false).await, server.user("root", true).await);
        ask(&server, &jeanne, r#"{"model_name":"m","query":"Q ?"}"#).await;
        for who in [&jeanne, &paul, &root] {
            server.say(Method::POST, "/api/v2/stream/1/stop", Some(who), "").await;
        }
        server.say(Method::POST, "/api/v2/stream/9/stop", Some(&jeanne), "").await;
        server.say(Method::POST, "/api/v2/stream/x/stop", Some(&jeanne), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_stop_cancels_the_model_and_keeps_what_was_said() {
    with_servers(1, async |servers, upstream, jeanne| {
        upstream.script([gated()]);
        let running = start(&servers[0], jeanne);
        upstream.received(1).await;
        assert_eq!(stream(&servers[0], jeanne).await["is_streaming"], true);
        // The role and two words; how many of them arrive before the stop is not known.
        upstream.release(3);
        let stopped = servers[0].ask(Method::POST, "/api/v2/stream/1/stop", Some(jeanne), "").await.json();
        upstream.clients_left(1).await;
        let (status, body) = running.await.expect("no panic");
        assert_eq!((status, body.contains("[DONE]"), body.starts_with("cut:")), (200, false, false), "{body}");
        let response = stopped["response"].as_str().unwrap_or_default();
        assert!(ANSWER.starts_with(response), "{stopped}");
        assert_eq!(stopped["is_streaming"], false);
        // The stop waits for the last words, though not for long.
        if !stopped["response"].is_null() {
            assert_eq!(stream(&servers[0], jeanne).await, stopped);
        }
    });
}

#[test]
fn a_stop_reaches_another_process() {
    with_servers(2, async |servers, upstream, jeanne| {
        upstream.script([gated()]);
        let running = start(&servers[0], jeanne);
        upstream.received(1).await;
        assert_eq!(stream(&servers[1], jeanne).await["is_streaming"], true);
        let stopped = servers[1].ask(Method::POST, "/api/v2/stream/1/stop", Some(jeanne), "").await.json();
        assert_eq!(stopped["is_streaming"], false);
        upstream.clients_left(1).await;
        assert_eq!(running.await.expect("no panic").0, 200);
    });
}

#[test]
fn deleting_the_chat_stops_its_streams() {
    with_servers(1, async |servers, upstream, jeanne| {
        let server = &servers[0];
        server.ask(Method::POST, "/api/v2/chat", Some(jeanne), r#"{"chat_type":"meeting"}"#).await;
        server.ask(Method::POST, "/api/v2/stream/chat/1", Some(jeanne), r#"{"model_name":"m","query":"Q ?"}"#).await;
        upstream.script([gated()]);
        let (other, token) = (server.clone(), jeanne.to_owned());
        let running = rt::spawn(async move { other.ask(Method::GET, "/api/v2/stream/2/start", Some(&token), "").await.status });
        upstream.received(1).await;
        assert_eq!(server.ask(Method::DELETE, "/api/v2/chat/delete/1", Some(jeanne), "").await.status, 200);
        upstream.clients_left(1).await;
        assert_eq!(running.await.expect("no panic"), 200);
    });
}

#[test]
fn starting_again_takes_the_place_of_what_runs() {
    for (first, second) in [(0, 0), (0, 1)] {
        with_servers(2, async |servers, upstream, jeanne| {
            upstream.script([gated(), Scripted::Behave]);
            upstream.set_answer("La seconde.");
            let running = start(&servers[first], jeanne);
            upstream.received(1).await;
            let (status, body) = start(&servers[second], jeanne).await.expect("no panic");
            assert_eq!((status, body.contains("[DONE]")), (200, true));
            upstream.clients_left(1).await;
            let (status, body) = running.await.expect("no panic");
            assert_eq!((status, body.contains("[DONE]")), (200, false));
            let kept = stream(&servers[0], jeanne).await;
            assert_eq!((&kept["response"], &kept["is_streaming"]), (&"La seconde.".into(), &false.into()));
        });
    }
}

#[test]
fn a_failure_before_the_first_word_leaves_the_stream_as_it_was() {
    with_servers(1, async |servers, upstream, jeanne| {
        upstream.set_answer("La première.");
        assert_eq!(start(&servers[0], jeanne).await.expect("no panic").0, 200);
        let before = stream(&servers[0], jeanne).await;
        assert_eq!(before["response"], "La première.");
        upstream.script([Scripted::Status(400, r#"{"error":"no"}"#.to_owned())]);
        let (status, body) = start(&servers[0], jeanne).await.expect("no panic");
        assert!(status == 200 && body.starts_with("cut:"), "{status} {body}");
        assert_eq!(stream(&servers[0], jeanne).await, before);
    });
}

#[test]
fn too_many_at_once_are_refused() {
    let change = |options| AppOptions { runs: RunOptions { at_once: 0, ..RunOptions::default() }, ..options };
    with_upstream_as(change, async |server, _, jeanne| {
        ask(server, jeanne, r#"{"model_name":"m","query":"Q ?"}"#).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(jeanne), "").await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, r#"{"detail":"Service Unavailable"}"#));
        assert_eq!(answer.headers.get("retry-after").map(|wait| wait.as_bytes()), Some(b"1".as_slice()));
        assert_eq!(stream(server, jeanne).await["is_streaming"], false);
    });
}

#[test]
fn what_is_not_on_the_white_list_is_masked() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = r#"{"mail_whitelist":["a@exemple.fr"],"phone_number_whitelist":["01 02 03 04 05"],"domain_url_whitelist":["exemple.org"]}"#;
    fs::write(folder.path().join("list.json"), list).expect("written");
    let files = TextFiles { whitelist: Some(folder.path().join("list.json")), ..TextFiles::default() };
    with_upstream_as(
        |options| AppOptions { texts: files.clone(), ..options },
        async |server, upstream, jeanne| {
            let said = "Écrivez à jean.dupont@exemple.net ou a@exemple.fr. Appelez le 06 12 34 56 78 ou le 01 02 03 04 05. Voir https://x.net/a et https://exemple.org/b.";
            upstream.script([Scripted::byte_by_byte(&chat_events("m", said))]);
            let body = r#"{"model_name":"m","query":"Q ?","postprocessing":["check_mail","check_number","check_url"]}"#;
            ask(server, jeanne, body).await;
            let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(jeanne), "").await;
            assert_snapshot!("masked", answer.body);
            let expect = "Écrivez à [MAIL MASQUÉ] ou a@exemple.fr. Appelez le [NUMERO MASQUÉ] ou le 01 02 03 04 05. Voir [URL MASQUÉE] et https://exemple.org/b.";
            assert_eq!(stream(server, jeanne).await["response"], expect);
        },
    );
}

#[test]
fn an_unknown_check_is_refused_at_the_start_and_an_empty_list_is_none() {
    with_upstream(async |server, upstream, jeanne| {
        ask(server, jeanne, r#"{"model_name":"m","query":"Q ?","postprocessing":["check_mail","check_male"]}"#).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/1/start", Some(jeanne), "").await;
        assert_eq!(answer.status, 422);
        assert_snapshot!("unknown_check", answer.body);
        upstream.script([Scripted::events(&chat_events("m", "a@b.net"), End::Whole)]);
        ask(server, jeanne, r#"{"model_name":"m","query":"Q ?","postprocessing":[]}"#).await;
        let answer = server.ask(Method::GET, "/api/v2/stream/2/start", Some(jeanne), "").await;
        assert_eq!(answer.body, chat_events("m", "a@b.net"));
    });
}
