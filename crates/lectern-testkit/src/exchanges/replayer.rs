//! A server that answers as a real one did.

use super::{Exchange, Request, answer};
use crate::upstream::request;
use serde_json::Value;
use std::{
    collections::VecDeque,
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// Requests that may be under way at once, and so come in another order than they were recorded in.
const AT_ONCE: usize = 4;

/// A running server that knows a recording. It stops when it is dropped.
pub struct Replayer {
    url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

struct State {
    coming: VecDeque<Exchange>,
    differences: Vec<String>,
}

impl State {
    /// The recorded answer; a request that was not recorded here is refused, and noted.
    fn answer(&mut self, request: &Request) -> (u16, Value) {
        let found = self.coming.iter().take(AT_ONCE).position(|exchange| exchange.request == *request);
        if let Some(exchange) = found.and_then(|at| self.coming.remove(at)) {
            return (exchange.status, exchange.answer);
        }
        let expected = self.coming.front().map_or("nothing more".to_owned(), |exchange| exchange.request.to_string());
        let difference = format!("asked for   {request}\nrecorded is {expected}");
        self.differences.push(difference.clone());
        (400, Value::from(difference))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Replayer {
    /// A server that answers what a file has, in its order.
    ///
    /// # Panics
    /// Where the file is no recording.
    pub async fn start(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let coming = text.lines().map(|line| Exchange::of_line(line).expect("an exchange on each line")).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("a bound listener has an address").port());
        let state = Arc::new(Mutex::new(State { coming, differences: Vec::new() }));
        Self { url, state: Arc::clone(&state), task: tokio::spawn(accept(listener, state)) }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says where what was asked for is not what was recorded.
    ///
    /// # Panics
    /// Where something else was asked for than was recorded, or less.
    pub fn finish(self) {
        let state = lock(&self.state);
        assert!(state.differences.is_empty(), "requests differ from the recorded ones:\n{}", state.differences.join("\n"));
        let left: Vec<String> = state.coming.iter().map(|exchange| exchange.request.to_string()).collect();
        assert!(left.is_empty(), "{} recorded requests were not made:\n{}", left.len(), left.join("\n"));
    }
}

impl Drop for Replayer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(serve(socket, Arc::clone(&state)));
    }
}

/// A connection that breaks is one that ends.
async fn serve(mut socket: TcpStream, state: Arc<Mutex<State>>) {
    let mut buffer = Vec::new();
    while let Ok(Some(received)) = request::read(&mut socket, &mut buffer).await {
        let (status, said) = lock(&state).answer(&Request::of(&received));
        if answer(&mut socket, status, &said).await.is_err() {
            return;
        }
    }
}
