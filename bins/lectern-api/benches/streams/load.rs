//! Clients that open streams, count events and note how long each was under way.

use crate::{
    chunked::Chunked,
    server::Server,
    upstream::{BEFORE, DIGITS, epoch},
};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

const BODY: &str = r#"{"model":"bench","messages":[{"role":"user","content":"How many?"}],"stream":true}"#;

/// A load: so many streams at once of so many events each.
pub(crate) struct Load {
    address: String,
    request: String,
    streams: usize,
    events: usize,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) events: usize,
    took: Duration,
    /// Of every event, in nanoseconds, sorted.
    delays: Vec<u64>,
}

impl Outcome {
    /// Events per second.
    pub(crate) fn rate(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64()
    }

    /// The delay, in milliseconds, that this share of the events does not exceed.
    pub(crate) fn delay_ms(&self, share: f64) -> f64 {
        let place = ((self.delays.len() - 1) as f64 * share).round() as usize;
        self.delays[place] as f64 / 1e6
    }
}

impl Load {
    /// From the upstream.
    pub(crate) fn direct(port: u16, streams: usize, events: usize) -> Self {
        Self::new(format!("127.0.0.1:{port}"), "/v1/chat/completions", "", streams, events)
    }

    /// Through the server.
    pub(crate) fn relayed(server: &Server, streams: usize, events: usize) -> Self {
        let authorization = format!("Authorization: Bearer {}\r\n", server.token());
        Self::new(server.address().to_owned(), "/api/v1/chat/completions", &authorization, streams, events)
    }

    fn new(address: String, path: &str, authorization: &str, streams: usize, events: usize) -> Self {
        let length = BODY.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{BODY}"
        );
        Self { address, request, streams, events }
    }

    async fn connect(&self) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).await.expect("a connection");
        socket.set_nodelay(true).expect("an option");
        socket.write_all(self.request.as_bytes()).await.expect("it is sent");
        socket
    }

    /// Opens all streams and reads all their events.
    pub(crate) async fn run(&self) -> Outcome {
        let start = Instant::now();
        let mut readers = JoinSet::new();
        for _ in 0..self.streams {
            readers.spawn(read(self.connect().await, self.events));
        }
        let mut delays: Vec<u64> = readers.join_all().await.into_iter().flatten().collect();
        let took = start.elapsed();
        delays.sort_unstable();
        Outcome { events: delays.len(), took, delays }
    }

    /// Opens all streams and waits for an event of each of them; they stay open.
    pub(crate) async fn open(&self) -> Vec<TcpStream> {
        let mut open = Vec::with_capacity(self.streams);
        for _ in 0..self.streams {
            open.push(self.connect().await);
        }
        for socket in &mut open {
            let mut bytes = Vec::new();
            while find(&bytes).is_none() {
                assert!(socket.read_buf(&mut bytes).await.expect("an answer") > 0, "{}", String::from_utf8_lossy(&bytes));
            }
        }
        open
    }
}

/// Reads so many events; how long each of them was under way, in nanoseconds.
async fn read(mut socket: TcpStream, events: usize) -> Vec<u64> {
    let mut delays = Vec::with_capacity(events);
    let (mut raw, mut bytes, mut body) = (Vec::with_capacity(64 * 1024), Vec::with_capacity(64 * 1024), Chunked::new());
    while delays.len() < events {
        raw.clear();
        let read = socket.read_buf(&mut raw).await.expect("an answer");
        assert!(read > 0, "the answer ends after {} events: {}", delays.len(), String::from_utf8_lossy(&bytes));
        body.push(&raw, &mut bytes);
        let now = epoch().elapsed().as_nanos() as u64;
        let mut done = 0;
        while let Some(at) = find(&bytes[done..]) {
            let digits = &bytes[done + at..done + at + DIGITS];
            let sent: u64 = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).expect("a time");
            delays.push(now.saturating_sub(sent));
            done += at + DIGITS;
        }
        bytes.drain(..done);
    }
    delays
}

/// The place of the next event's time, where all of it is there.
fn find(bytes: &[u8]) -> Option<usize> {
    let quote = bytes.windows(BEFORE.len()).position(|part| part == BEFORE)? + BEFORE.len();
    (bytes.len() >= quote + DIGITS).then_some(quote)
}
