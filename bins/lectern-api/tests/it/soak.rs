//! Many streams at once, for a while: none is dropped, everything else is answered meanwhile, and the memory comes back.
//!
//! With `LECTERN_SOAK` set, 1,000 streams for 30 s; otherwise fewer for a few seconds. Half of them are chat completions that are passed
//! on, half are answers that are kept.

use crate::support::{Server, command, databases, first_admin};
use lectern_testkit::upstream::{End, Scripted, Upstream, chat_events};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
    task::JoinSet,
};

/// The pause between two events of a stream.
const PACE: Duration = Duration::from_millis(500);
/// What a stream may take of the server's memory, in KiB, while it is open.
const OPEN_KIB: u64 = 64;
/// What a stream may leave behind of it, in KiB, where as many were open before.
const LEFT_KIB: u64 = 12;

/// How many streams, and how many events each of them has.
#[expect(clippy::disallowed_methods, reason = "the size of tests is told by the environment")]
fn size() -> (usize, usize) {
    if std::env::var_os("LECTERN_SOAK").is_some() { (1_000, 60) } else { (200, 6) }
}

/// A request whose answer is a stream, and its connection.
async fn open(address: &str, token: &str, (method, path): (&str, String), body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    socket.write_all(head.as_bytes()).await.expect("it is sent");
    socket
}

/// Reads an answer to its end, counting its events, and returns it as it came.
async fn read(mut socket: TcpStream, events: Arc<watch::Sender<usize>>) -> Vec<u8> {
    let mut answer = Vec::new();
    loop {
        let before = answer.len();
        if socket.read_buf(&mut answer).await.expect("nothing is cut") == 0 {
            return answer;
        }
        // Line ends of the HTTP framing have a CR between them.
        let seen = answer[before.saturating_sub(1)..].windows(2).filter(|pair| pair == b"\n\n").count();
        events.send_modify(|count| *count += seen);
    }
}

/// The content of an answer in chunked encoding.
fn content(answer: &[u8]) -> Vec<u8> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {}", text(answer)));
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", text(answer));
    let (mut rest, mut content) = (&answer[end + 4..], Vec::new());
    loop {
        let line = rest.windows(2).position(|part| part == b"\r\n").expect("a chunk's size");
        let size = usize::from_str_radix(&text(&rest[..line]), 16).expect("a chunk's size");
        if size == 0 {
            return content;
        }
        content.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
}

/// The resident memory of a process, in KiB; 0 where the system does not tell.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default()
}

/// Opens `streams` streams of `rounds` events and reads them to their end, one event of each at a time. Returns the memory while all of
/// them were open.
async fn wave(server: &Server, upstream: &Upstream, token: &str, streams: usize, rounds: usize) -> u64 {
    let words = "mot ".repeat(rounds - 3);
    let events = chat_events("scripted-chat", words.trim_end());
    let pieces: Vec<Vec<u8>> = events.split_inclusive("\n\n").map(|event| event.into()).collect();
    assert_eq!(pieces.len(), rounds);
    upstream.script((0..streams).map(|_| Scripted::Gated(pieces.clone(), End::Whole)));
    let already = upstream.requests().len();
    let seen = Arc::new(watch::Sender::new(0));
    let mut readers = JoinSet::new();
    for number in 0..streams {
        let (path, body) = if number % 2 == 0 {
            let body = json!({ "model": "scripted-chat", "messages": [{ "role": "user", "content": "Où ?" }], "stream": true });
            (("POST", "/api/v1/chat/completions".to_owned()), body.to_string())
        } else {
            let question = json!({ "model_name": "scripted-chat", "query": "Où ?" }).to_string();
            let id = server.ask("POST", "/api/v2/stream", Some(token), &question).json()["id"].to_string();
            (("GET", format!("/api/v2/stream/{id}/start")), String::new())
        };
        let socket = open(server.address(), token, path, &body).await;
        readers.spawn(read(socket, Arc::clone(&seen)));
    }
    upstream.received(already + streams).await;
    let (mut pace, mut count, mut open) = (tokio::time::interval(PACE), seen.subscribe(), 0);
    for round in 1..=rounds {
        pace.tick().await;
        upstream.release(streams);
        count.wait_for(|seen| *seen >= round * streams).await.expect("the readers are there");
        if round < rounds {
            open = resident(server.id());
        }
    }
    while let Some(answer) = readers.join_next().await {
        assert_eq!(String::from_utf8_lossy(&content(&answer.expect("a reader's end"))), events);
    }
    open
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_streams_at_once() {
    let (streams, rounds) = size();
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let upstream = Upstream::start().await;
        let mut start = command(folder.path());
        start.env("DATABASE_URL", database.url().expose()).env("MODELS_URLS", format!("['{}']", upstream.url()));
        let server = Arc::new(Server::start(start.arg("--auto-upgrade")));
        upstream.received(1).await;
        let (username, password) = first_admin(folder.path());
        let sign_in = json!({ "username": username, "password": password }).to_string();
        let token = server.ask("POST", "/api/v2/sign_in", None, &sign_in).json()["token"].as_str().expect("a token").to_owned();

        let over = Arc::new(AtomicBool::new(false));
        let others = std::thread::spawn({
            let (server, token, over) = (Arc::clone(&server), token.clone(), Arc::clone(&over));
            move || {
                let mut answered = 0;
                while !over.load(Ordering::Relaxed) {
                    let chat = server.ask("POST", "/api/v2/chat", Some(&token), r#"{"chat_type":"meeting"}"#);
                    assert_eq!(chat.status, 200, "{}", chat.body);
                    let id = chat.json()["id"].to_string();
                    for (method, path) in [
                        ("GET", "/api/v2/user/me".to_owned()),
                        ("GET", "/api/v2/chats?limit=10".to_owned()),
                        ("DELETE", format!("/api/v2/chat/delete/{id}")),
                    ] {
                        let answer = server.ask(method, &path, Some(&token), "");
                        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
                        answered += 1;
                    }
                }
                answered
            }
        });
        // What the first streams cost once is not what each of them costs.
        wave(&server, &upstream, &token, streams / 10, 4).await;
        let before = resident(server.id());
        let open = wave(&server, &upstream, &token, streams, rounds).await;
        let after = resident(server.id());
        wave(&server, &upstream, &token, streams, 4).await;
        let again = resident(server.id());
        over.store(true, Ordering::Relaxed);
        let answered = others.join().expect("every other request is answered");
        println!(
            "{streams} streams on {}: {answered} other requests; resident KiB: {before} before, {open} open, {after} after, {again} after more",
            database.name()
        );
        assert!(answered > 0);
        assert!(open.saturating_sub(before) < OPEN_KIB * streams as u64, "{before} KiB before, {open} KiB with {streams} streams");
        assert!(again.saturating_sub(after) < LEFT_KIB * streams as u64, "{after} KiB after as many, {again} KiB after as many again");
    }
}
