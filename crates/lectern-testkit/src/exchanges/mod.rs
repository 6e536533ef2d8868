//! Exchanges with an HTTP server, recorded from a real one and replayed where there is none.
//!
//! A recording has an exchange on each line: `{"method", "path", "body", "status", "answer"}`, bodies as JSON (null where there is none, a text
//! where it is no JSON). What is recorded has to be the same at every run: fixed names, ids and numbers. How long the server took is left out.

mod recorder;
mod replayer;

pub use recorder::Recorder;
pub use replayer::Replayer;

use crate::upstream::request::Recorded;
use serde_json::{Value, json};
use std::{fmt, io};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

/// A request, as recordings have it.
#[derive(Debug, Clone, PartialEq)]
struct Request {
    method: String,
    path: String,
    body: Value,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq)]
struct Exchange {
    request: Request,
    status: u16,
    answer: Value,
}

impl Request {
    fn of(received: &Recorded) -> Self {
        Self { method: received.method.clone(), path: received.path.clone(), body: json_or_text(&received.body) }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.path, self.body)
    }
}

impl Exchange {
    fn to_line(&self) -> String {
        let Request { method, path, body } = &self.request;
        json!({ "method": method, "path": path, "body": body, "status": self.status, "answer": self.answer }).to_string()
    }

    fn of_line(line: &str) -> Option<Self> {
        let mut value: Value = serde_json::from_str(line).ok()?;
        Some(Self {
            request: Request {
                method: value["method"].as_str()?.to_owned(),
                path: value["path"].as_str()?.to_owned(),
                body: value["body"].take(),
            },
            status: value["status"].as_u64().and_then(|status| status.try_into().ok())?,
            answer: value["answer"].take(),
        })
    }
}

fn json_or_text(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => Value::from(String::from_utf8_lossy(body)),
    }
}

/// Answers a request on a connection that stays open.
async fn answer(socket: &mut TcpStream, status: u16, answer: &Value) -> io::Result<()> {
    let body = match answer {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let head = format!("HTTP/1.1 {status} Replayed\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    socket.write_all(format!("{head}{body}").as_bytes()).await
}
