//! Reading bodies within their bounds.

use super::{
    rest::Rest,
    send::{Accepted, from_reqwest},
};
use crate::{ByteStream, HttpOptions, LlmError};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::Response;
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep, timeout_at};

/// How much of an error's body is kept.
const EXCERPT_BYTES: usize = 64 * 1024;

/// How long a part is waited for. There is one timer for all of an answer's parts, and it is set anew only when it fires: setting it for
/// each part costs more than reading one.
struct Patience {
    most: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Patience {
    fn new(most: Duration) -> Self {
        Self { most, timer: Box::pin(sleep(most)) }
    }

    /// What the future comes to, or `None` where it takes too long.
    async fn wait<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let mut since = None;
        poll_fn(|cx| {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(value));
            }
            let until = *since.get_or_insert_with(Instant::now) + self.most;
            while self.timer.as_mut().poll(cx).is_ready() {
                // It was set for a part that came.
                if Instant::now() >= until {
                    return Poll::Ready(None);
                }
                self.timer.as_mut().reset(until);
            }
            Poll::Pending
        })
        .await
    }
}

/// What reading a body needs to know between two parts.
struct Reading {
    response: Response,
    /// The part that has arrived already.
    first: Option<Bytes>,
    left: u64,
    longest: u64,
    patience: Patience,
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
            patience: Patience::new(options.idle_timeout()),
            rest: accepted.rest,
            pause: options.rest(),
        }
    }

    /// The next part as the network delivered it; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, LlmError> {
        let part = match self.first.take() {
            Some(first) => Some(first),
            None => match self.patience.wait(self.response.chunk()).await {
                Some(Ok(part)) => part,
                Some(Err(error)) => return Err(self.broken(from_reqwest(error))),
                None => return Err(self.broken(LlmError::TimedOut("between two parts of its answer"))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn a_timer_that_was_set_for_an_earlier_part_ends_no_wait() {
        let hour = Duration::from_secs(3600);
        let mut patience = Patience { most: hour, timer: Box::pin(sleep(Duration::ZERO)) };
        assert_eq!(patience.wait(sleep(Duration::from_millis(5))).await, Some(()));
        assert_eq!(patience.wait(ready(1)).await, Some(1));
        let mut patience = Patience::new(Duration::from_millis(1));
        assert_eq!(patience.wait(pending::<()>()).await, None);
    }
}
