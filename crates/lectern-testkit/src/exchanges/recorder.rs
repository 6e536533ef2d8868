//! A proxy that writes down what passes.

use super::{Exchange, Request, answer, json_or_text};
use crate::upstream::request;
use serde_json::Value;
use std::{
    fs, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// A running proxy before a real server. It stops when it is dropped.
pub struct Recorder {
    url: String,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// A proxy before the server at this address.
    pub async fn start(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on the loopback interface");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("a bound listener has an address").port());
        let exchanges = Arc::<Mutex<Vec<Exchange>>>::default();
        let line = Line { to: to.to_owned(), http: reqwest::Client::new(), exchanges: Arc::clone(&exchanges) };
        Self { url, exchanges, task: tokio::spawn(accept(listener, line)) }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The paths and bodies of what was asked until now.
    pub fn requests(&self) -> Vec<(String, Value)> {
        let exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.iter().map(|exchange| (exchange.request.path.clone(), exchange.request.body.clone())).collect()
    }

    /// Writes what has passed until now into a file.
    ///
    /// # Panics
    /// Where it can't be written.
    pub fn save(&self, path: &Path) {
        let exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: String = exchanges.iter().map(|exchange| exchange.to_line() + "\n").collect();
        let folder = path.parent().expect("a recording is in a folder");
        fs::create_dir_all(folder).and_then(|()| fs::write(path, lines)).expect("the recording is written");
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Line {
    to: String,
    http: reqwest::Client,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

async fn accept(listener: TcpListener, line: Line) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(serve(socket, line.clone()));
    }
}

/// A connection that breaks is one that ends.
async fn serve(mut socket: TcpStream, line: Line) {
    let mut buffer = Vec::new();
    while let Ok(Some(received)) = request::read(&mut socket, &mut buffer).await {
        let Ok((status, said)) = pass(&received, &line).await else { return };
        let exchange = Exchange { request: Request::of(&received), status, answer: said };
        let written = answer(&mut socket, status, &exchange.answer).await;
        line.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        if written.is_err() {
            return;
        }
    }
}

/// The server's answer, without how long it took.
async fn pass(received: &request::Recorded, line: &Line) -> io::Result<(u16, Value)> {
    let method = received.method.parse().map_err(io::Error::other)?;
    let mut request = line.http.request(method, format!("{}{}", line.to, received.path)).body(received.body.clone());
    if let Some(kind) = received.header("content-type") {
        request = request.header("content-type", kind);
    }
    let answered = request.send().await.map_err(io::Error::other)?;
    let status = answered.status().as_u16();
    let mut said = json_or_text(&answered.bytes().await.map_err(io::Error::other)?);
    if let Some(said) = said.as_object_mut() {
        said.remove("time");
    }
    Ok((status, said))
}
