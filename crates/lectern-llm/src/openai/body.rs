//! Reading bodies within their bounds.

use super::{
    rest::Rest,
    send::{Accepted, from_reqwest},
};
use crate::{ByteStream, HttpOptions, LlmError};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::Response;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout, timeout_at};

/// How much of an error's body is kept.
const EXCERPT_BYTES: usize = 64 * 1024;

/// What reading a body needs to know between two parts.
struct Reading {
    response: Response,
    /// The part that has arrived already.
    first: Option<Bytes>,
    left: u64,
    longest: u64,
    idle: Duration,
    rest: Arc<Rest>,
    /// How long an endpoint that breaks off is left alone.
    pause: Duration,
}

impl Reading {
    fn new(accepted: Accepted, options: &HttpOptions) -> Self {
        Self {
            response: accepted.response,
            first: accepted.first,
            left: options.max_answer_bytes,
            longest: options.max_answer_bytes,
            idle: options.idle_timeout(),
            rest: accepted.rest,
            pause: options.rest(),
        }
    }

    /// The next part as the network delivered it; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, LlmError> {
        let part = match self.first.take() {
            Some(first) => Some(first),
            None => match timeout(self.idle, self.response.chunk()).await {
                Ok(Ok(part)) => part,
                Ok(Err(error)) => return Err(self.broken(from_reqwest(error))),
                Err(_) => return Err(self.broken(LlmError::TimedOut("between two parts of its answer"))),
            },
        };
        let Some(part) = part else { return Ok(None) };
        let Some(left) = self.left.checked_sub(part.len() as u64) else {
            return Err(LlmError::Protocol(format!("it is longer than {} bytes", self.longest)));
        };
        self.left = left;
        Ok(Some(part))
    }

    /// The endpoint broke off in the middle of its answer.
    fn broken(&self, error: LlmError) -> LlmError {
        self.rest.begin(self.pause, None);
        error
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
