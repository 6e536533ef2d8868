//! The load: connections that send the same request again as soon as it is answered.

use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::Instant,
};

/// A request.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) method: &'static str,
    /// Its path on the API.
    pub(crate) path: &'static str,
    /// Its path on the bare server.
    pub(crate) bare: &'static str,
    pub(crate) token: String,
    pub(crate) body: &'static str,
}

impl Load {
    /// The bytes of the request to a path.
    pub(crate) fn to(&self, path: &str) -> Arc<[u8]> {
        let Self { method, token, body, .. } = self;
        let length = body.len();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{kind}Content-Length: {length}\r\n\r\n");
        format!("{head}{body}").into_bytes().into()
    }
}

/// Sends requests for a while; says how many were answered, all of them with 200.
pub(crate) async fn drive(address: SocketAddr, request: Arc<[u8]>, connections: usize, during: Duration) -> u64 {
    let until = Instant::now() + during;
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let request = Arc::clone(&request);
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let (mut answered, mut buffer) = (0, Vec::with_capacity(64 * 1024));
            while Instant::now() < until {
                stream.write_all(&request).await.expect("it is sent");
                answer(&mut stream, &mut buffer).await;
                answered += 1;
            }
            answered
        });
    }
    tasks.join_all().await.into_iter().sum()
}

/// Reads one answer.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    let mut whole = None;
    while whole.is_none_or(|whole| buffer.len() < whole) {
        assert_ne!(stream.read_buf(buffer).await.expect("an answer"), 0, "the connection ended");
        if whole.is_none() {
            whole = length(buffer);
        }
    }
    assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(buffer));
}

/// The length of an answer whose head is there.
fn length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).expect("a head in ASCII");
    let length = text.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("content-length")));
    let (_, length) = length.unwrap_or_else(|| panic!("no length: {text}"));
    Some(head + length.parse::<usize>().expect("a number"))
}
