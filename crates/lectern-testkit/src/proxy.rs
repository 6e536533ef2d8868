//! A proxy before a server, on a port from the operating system: its connection can be cut, slowed and silenced, it can ask for TLS and for a header
//! that says who asks.

use crate::smtp::Authority;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
    try_join,
};
use tokio_rustls::TlsAcceptor;

/// The longest head of a request that is read for who asks.
const HEAD_BYTES: usize = 16 * 1024;

/// The most that is passed on at once.
const BUFFER_BYTES: usize = 16 * 1024;

/// What the proxy does with connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Open,
    /// What is said arrives this much later, even where who said it has gone meanwhile.
    Slow(Duration),
    /// They are closed at once.
    Cut,
    /// Nothing is passed on, and nothing is said.
    Silent,
}

/// What connections are held to.
#[derive(Clone, Default)]
pub struct Guard {
    /// The header that every connection's first request must have: its name in lower case, its value.
    header: Option<(&'static str, String)>,
    acceptor: Option<TlsAcceptor>,
}

impl Guard {
    /// Lets everybody through.
    pub fn none() -> Self {
        Self::default()
    }

    /// Answers 401 to whoever does not send this `Authorization`.
    #[must_use]
    pub fn asking_for(self, authorization: impl Into<String>) -> Self {
        self.asking_for_header("authorization", authorization)
    }

    /// The same with another header, whose name is given in lower case.
    #[must_use]
    pub fn asking_for_header(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    /// Speaks TLS, with a certificate of the authority for this host.
    #[must_use]
    pub fn with_tls(self, authority: &Authority, host: &str) -> Self {
        Self { acceptor: Some(authority.server(host).into()), ..self }
    }
}

/// The running proxy. It stops, and its connections close, when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    secure: bool,
    mode: watch::Sender<Mode>,
    /// How many connections are passed on now.
    passing: watch::Sender<usize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy before the server at this address (`http://host:port`, `host:port`).
    pub async fn start(to: &str, guard: Guard) -> Self {
        let to = to.rsplit('/').next().unwrap_or(to).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (mode, modes) = watch::channel(Mode::Open);
        let (secure, passing) = (guard.acceptor.is_some(), watch::Sender::new(0));
        let line = Line { to: Arc::from(to), guard, modes, passing: passing.clone() };
        Self { address, secure, mode, passing, task: tokio::spawn(accept(listener, line)) }
    }

    /// Its address, as a URL.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    /// Closes all connections, and every new one. When it returns, nothing is passed on any more.
    pub async fn cut(&self) {
        self.interrupt(Mode::Cut).await;
    }

    /// Passes everything on this much later, even where who said it has gone meanwhile.
    pub fn slow(&self, by: Duration) {
        self.mode.send_replace(Mode::Slow(by));
    }

    /// Passes nothing on any more, without a word.
    pub async fn silence(&self) {
        self.interrupt(Mode::Silent).await;
    }

    async fn interrupt(&self, mode: Mode) {
        self.mode.send_replace(mode);
        let mut passing = self.passing.subscribe();
        passing.wait_for(|passing| *passing == 0).await.expect("the sender is here");
    }

    /// Lets new connections through again, without delay.
    pub fn restore(&self) {
        self.mode.send_replace(Mode::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What every connection is given.
#[derive(Clone)]
struct Line {
    to: Arc<str>,
    guard: Guard,
    modes: watch::Receiver<Mode>,
    passing: watch::Sender<usize>,
}

/// One connection that is passed on, for as long as this value lives.
struct Passing(watch::Sender<usize>);

impl Passing {
    fn new(passing: &watch::Sender<usize>) -> Self {
        passing.send_modify(|passing| *passing += 1);
        Self(passing.clone())
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.0.send_modify(|passing| *passing -= 1);
    }
}

async fn accept(listener: TcpListener, line: Line) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { return };
                connections.spawn(serve(socket, line.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Passes a connection on until it ends, or is cut.
async fn serve(socket: TcpStream, line: Line) {
    let mut modes = line.modes.clone();
    let pass = async {
        match &line.guard.acceptor {
            // Who does not trust the certificate goes away.
            Some(acceptor) => match acceptor.accept(socket).await {
                Ok(socket) => pass(socket, &line).await,
                Err(_) => Ok(()),
            },
            None => pass(socket, &line).await,
        }
    };
    tokio::select! {
        biased;
        _ = modes.wait_for(|mode| *mode == Mode::Cut) => {}
        // A connection that breaks is one that ends.
        _ = pass => {}
    }
}

async fn pass(mut socket: impl AsyncRead + AsyncWrite + Unpin, line: &Line) -> io::Result<()> {
    let mut head = Vec::new();
    if let Some((name, expected)) = &line.guard.header {
        while !head.windows(4).any(|part| part == b"\r\n\r\n") && head.len() < HEAD_BYTES {
            if socket.read_buf(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let text = String::from_utf8_lossy(&head);
        let found = text.lines().find_map(|line| line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)));
        if found.map(|(_, value)| value) != Some(expected.as_str()) {
            let body = r#"{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}"#;
            let answer = format!(
                "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            return socket.write_all(answer.as_bytes()).await;
        }
    }
    let mut modes = line.modes.clone();
    // Counted before the mode is looked at: who changes the mode looks at the count afterwards.
    let passing = Passing::new(&line.passing);
    let both = async {
        let mut server = TcpStream::connect(&*line.to).await?;
        server.write_all(&head).await?;
        let ((from_client, to_client), (from_server, to_server)) = (split(&mut socket), split(&mut server));
        try_join!(forward(from_client, to_server, &line.modes), forward(from_server, to_client, &line.modes)).map(drop)
    };
    tokio::select! {
        biased;
        _ = modes.wait_for(|mode| *mode == Mode::Silent) => {}
        done = both => return done,
    }
    drop(passing);
    // What was not said then is never said: the connection ends with the silence.
    let _ = modes.wait_for(|mode| *mode != Mode::Silent).await;
    Ok(())
}

/// Passes one direction on until it ends.
async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, modes: &watch::Receiver<Mode>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        let mode = *modes.borrow();
        if let Mode::Slow(by) = mode {
            sleep(by).await;
        }
        if read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
    }
}
