//! A scripted server that speaks OpenAI's HTTP API on a port from the operating system.
//!
//! It answers `GET models`, `POST chat/completions` (streamed or not), `POST embeddings` (numbers or base64) and, with what it was sent,
//! `POST` of any other path that names a model, below any prefix (`/v1` or none). Without a
//! script it behaves; [`Upstream::script`] tells it what to do with the requests that come next, one entry each. It records every
//! request, and a test can wait until a client has gone away. Nothing in it sleeps: what is slow waits for [`Upstream::release`].

mod answers;
mod connection;
pub(crate) mod request;

pub use answers::{chat_events, embed};
pub use request::Recorded;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

/// What the server does with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scripted {
    /// The usual answer for the request's path.
    Behave,
    /// A status and a JSON body.
    Status(u16, String),
    /// The same with further headers.
    StatusWith(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without a word.
    HangUp,
    /// Never answers: holds the connection until the client leaves.
    Silence,
    /// Answers 200 as `text/event-stream`, in chunked encoding, with these pieces, each a chunk of its own.
    Stream(Vec<Vec<u8>>, End),
    /// The same, and each piece waits for one [`Upstream::release`].
    Gated(Vec<Vec<u8>>, End),
}

/// How a scripted stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Whole,
    /// The connection closes in the middle of the chunked body.
    Cut,
    /// Nothing more comes until the client leaves.
    Silence,
}

impl Scripted {
    /// Server-sent events that are split into pieces of one byte.
    pub fn byte_by_byte(events: &str) -> Self {
        Self::Stream(events.bytes().map(|byte| vec![byte]).collect(), End::Whole)
    }

    /// Server-sent events as one piece each.
    pub fn events(events: &str, end: End) -> Self {
        Self::Stream(events.split_inclusive("\n\n").map(|event| event.as_bytes().to_vec()).collect(), end)
    }
}

/// What the server knows, shared with its connections.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    gate: Semaphore,
    received: watch::Sender<usize>,
    left: watch::Sender<usize>,
}

#[derive(Debug)]
struct State {
    script: VecDeque<Scripted>,
    recorded: Vec<Recorded>,
    answer: String,
    models: Vec<(String, Option<String>)>,
    dimensions: usize,
    refused: Option<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running server. It stops, and its connections close, when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Starts a server that serves the chat model `scripted-chat` and the embedding model `scripted-embeddings` (8 components).
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
        Self::serve(listener)
    }

    /// The same on a listener of the caller's, for a test whose server comes up late.
    pub fn serve(listener: TcpListener) -> Self {
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let state = State {
            script: VecDeque::new(),
            recorded: Vec::new(),
            answer: "The scripted answer [1].".to_owned(),
            models: vec![
                ("scripted-chat".to_owned(), Some("text-generation".to_owned())),
                ("scripted-embeddings".to_owned(), Some("text-embeddings-inference".to_owned())),
            ],
            dimensions: 8,
            refused: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            gate: Semaphore::new(0),
            received: watch::Sender::new(0),
            left: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { port, shared, task }
    }

    /// The server's address without any path: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What to do with the next requests, in order, after what was scripted before; then it behaves again.
    pub fn script(&self, next: impl IntoIterator<Item = Scripted>) {
        self.shared.state().script.extend(next);
    }

    /// Sets the text of its usual chat answers; it is streamed word by word.
    pub fn set_answer(&self, answer: impl Into<String>) {
        self.shared.state().answer = answer.into();
    }

    /// Sets its list of models: names and, where the list should tell it, types.
    pub fn set_models(&self, models: &[(&str, Option<&str>)]) {
        self.shared.state().models = models.iter().map(|(name, kind)| ((*name).to_owned(), kind.map(str::to_owned))).collect();
    }

    /// Has requests on behalf of this `user` refused with 400.
    pub fn refuse_user(&self, user: impl Into<String>) {
        self.shared.state().refused = Some(user.into());
    }

    /// Sets the number of components of its embeddings.
    pub fn set_dimensions(&self, dimensions: usize) {
        self.shared.state().dimensions = dimensions;
    }

    /// Lets this many gated pieces go.
    pub fn release(&self, pieces: usize) {
        self.shared.gate.add_permits(pieces);
    }

    /// What was received so far, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.state().recorded.clone()
    }

    /// Waits until this many requests were received, and returns them.
    pub async fn received(&self, at_least: usize) -> Vec<Recorded> {
        let mut count = self.shared.received.subscribe();
        count.wait_for(|count| *count >= at_least).await.expect("the server outlives its connections");
        self.requests()
    }

    /// Waits until this many clients have left in the middle of an answer.
    pub async fn clients_left(&self, at_least: usize) {
        let mut count = self.shared.left.subscribe();
        count.wait_for(|count| *count >= at_least).await.expect("the server outlives its connections");
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts connections until it is aborted; the set takes them with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((socket, _)) = accepted {
                    connections.spawn(connection::serve(socket, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
