//! Reading bodies within their bounds.

use super::send::{Accepted, from_reqwest};
use crate::{ByteStream, HttpOptions, LlmError};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

/// How much of an error's body is kept.
const EXCERPT_BYTES: usize = 64 * 1024;

/// What reading a body needs to know between two parts.
struct Reading {
    response: Response,
    next_by: Instant,
    started: bool,
    left: u64,
    options: HttpOptions,
}

impl Reading {
    fn new(accepted: Accepted, options: &HttpOptions) -> Self {
        let left = options.max_answer_bytes;
        Self { response: accepted.response, next_by: accepted.first_byte_by, started: false, left, options: options.clone() }
    }

    /// The next part as the network delivered it; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, LlmError> {
        let waiting = if self.started { "between two parts of its answer" } else { "waiting for its answer" };
        let part = match timeout_at(self.next_by, self.response.chunk()).await {
            Ok(part) => part.map_err(from_reqwest)?,
            Err(_) => return Err(LlmError::TimedOut(waiting)),
        };
        let Some(part) = part else { return Ok(None) };
        self.started = true;
        self.next_by = Instant::now() + self.options.idle_timeout();
        let Some(left) = self.left.checked_sub(part.len() as u64) else {
            return Err(LlmError::Protocol(format!("it is longer than {} bytes", self.options.max_answer_bytes)));
        };
        self.left = left;
        Ok(Some(part))
    }
}

/// The body as a stream of what the network delivers, byte for byte. It ends after the first error. Dropping it closes the connection.
pub(super) fn stream(accepted: Accepted, options: &HttpOptions) -> ByteStream {
    let reading = Reading::new(accepted, options);
    stream::unfold(Some(reading), |reading| async {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(part)) => Some((Ok(part), Some(reading))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })
    .boxed()
}

/// The whole body, within the options' bound.
pub(super) async fn read(accepted: Accepted, options: &HttpOptions) -> Result<Vec<u8>, LlmError> {
    let mut reading = Reading::new(accepted, options);
    let mut whole = Vec::new();
    while let Some(part) = reading.next().await? {
        whole.extend_from_slice(&part);
    }
    Ok(whole)
}

/// The beginning of an error's body: what arrives of the first 64 KiB within the idle time. A body that breaks is cut there, since the
/// status is what matters.
pub(super) async fn read_excerpt(mut response: Response, options: &HttpOptions) -> Vec<u8> {
    let until = Instant::now() + options.idle_timeout();
    let mut said = Vec::new();
    while said.len() < EXCERPT_BYTES {
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(part))) => said.extend_from_slice(&part[..part.len().min(EXCERPT_BYTES - said.len())]),
            _ => break,
        }
    }
    said
}
