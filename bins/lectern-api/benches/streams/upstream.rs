//! An upstream that costs as little as possible: it writes events that are made beforehand, but for the time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{MissedTickBehavior, interval},
};

/// What comes before the time in an event.
pub(crate) const BEFORE: &[u8] = b"\"content\":\"";
/// The digits of the time: nanoseconds since the start.
pub(crate) const DIGITS: usize = 16;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const MODELS: &str = r#"{"object":"list","data":[{"id":"bench","object":"model"}]}"#;

/// When events are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// One at each of these intervals.
    Every(Duration),
    /// As fast as they are taken.
    AtOnce,
    /// One, then nothing until the client leaves.
    OneThenWait,
}

/// The running upstream, for as long as the process.
pub(crate) struct Upstream {
    port: u16,
    behaviour: Arc<Mutex<(Pace, usize)>>,
}

/// The moment from which times are counted.
pub(crate) fn epoch() -> Instant {
    static EPOCH: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        epoch();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let behaviour = Arc::new(Mutex::new((Pace::AtOnce, 0)));
        let shared = Arc::clone(&behaviour);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                // A client that leaves ends its connection with an error.
                tokio::spawn(async move { serve(socket, shared).await.ok() });
            }
        });
        Self { port, behaviour }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What it does with the requests that come from now on: `events` events each.
    pub(crate) fn behave(&self, pace: Pace, events: usize) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = (pace, events);
    }
}

/// One event as a chunk of its own.
fn event(chunk: &mut Vec<u8>) {
    let time = epoch().elapsed().as_nanos();
    let data = format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\
         \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{time:016}\"}},\"finish_reason\":null}}]}}\n\n"
    );
    chunk.clear();
    chunk.extend_from_slice(format!("{:x}\r\n{data}\r\n", data.len()).as_bytes());
}

async fn serve(mut socket: TcpStream, shared: Arc<Mutex<(Pace, usize)>>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = Vec::new();
    loop {
        let Some(is_list) = request(&mut socket, &mut buffer).await? else { return Ok(()) };
        if is_list {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{MODELS}", MODELS.len());
            socket.write_all(head.as_bytes()).await?;
            continue;
        }
        let (pace, events) = *shared.lock().unwrap_or_else(PoisonError::into_inner);
        socket.write_all(HEAD.as_bytes()).await?;
        let mut chunk = Vec::with_capacity(512);
        match pace {
            Pace::Every(pause) => {
                let mut ticks = interval(pause);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                for _ in 0..events {
                    ticks.tick().await;
                    event(&mut chunk);
                    socket.write_all(&chunk).await?;
                }
            }
            Pace::AtOnce => {
                for _ in 0..events {
                    event(&mut chunk);
                    socket.write_all(&chunk).await?;
                }
            }
            Pace::OneThenWait => {
                event(&mut chunk);
                socket.write_all(&chunk).await?;
                while socket.read(&mut [0; 64]).await? > 0 {}
                return Ok(());
            }
        }
        socket.write_all(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n").await?;
    }
}

/// Reads one request; whether it asks for the list of models, or nothing at the connection's end.
async fn request(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    while buffer.len() < end + length {
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    buffer.drain(..end + length);
    Ok(Some(head.starts_with("get ")))
}
