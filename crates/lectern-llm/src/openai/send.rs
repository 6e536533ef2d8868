//! Sending a request: time limits, and the further attempts that are safe.

use super::{Endpoints, OpenAiClient, body, rest::Rest};
use crate::{HttpOptions, LlmError};
use bytes::Bytes;
use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// What is said when an endpoint does not answer in time.
const NO_ANSWER: &str = "waiting for its answer";
/// What is said when a connection does not open in time.
const NO_CONNECTION: &str = "opening a connection";

/// A request, which may be sent more than once.
#[derive(Debug, Clone)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// One of this crate's paths or one from a list in the settings, never a caller's.
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    /// Headers besides the ones of this crate.
    pub(super) headers: HeaderMap,
    /// JSON.
    pub(super) body: Option<Bytes>,
}

impl<'a> Call<'a> {
    /// A request without a body.
    pub(super) fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, query: None, headers: HeaderMap::new(), body: None }
    }

    /// A request with a body.
    pub(super) fn post(path: &'a str, json: &impl Serialize) -> Result<Self, LlmError> {
        let body = serde_json::to_vec(json).map_err(|error| LlmError::Protocol(format!("a request that is no JSON ({error})")))?;
        Ok(Self { method: Method::POST, body: Some(body.into()), ..Self::get(path) })
    }
}

/// An answer whose status is a success and whose first part has arrived.
pub(super) struct Accepted {
    pub(super) response: Response,
    /// `None` where the answer has no body.
    pub(super) first: Option<Bytes>,
    /// Of the endpoint that answers.
    pub(super) rest: Arc<Rest>,
}

impl Endpoints {
    /// How they are called; they share one client.
    pub(super) fn options(&self) -> &HttpOptions {
        &self.next(&self.no_tries()).1.client.options
    }

    /// Sends a request until the first part of an answer has arrived: where a connection fails, or the answer is 429 or 5xx, it is tried
    /// again as often as the options say, elsewhere at once and at the same endpoint after a pause. Nothing of an answer has been passed
    /// on by then, so nothing is ever received twice. Running out of time is tried again elsewhere alone: it already took the time that
    /// a caller is ready to wait. Whoever fails is left alone for a while.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Accepted, LlmError> {
        let options = self.options();
        let mut tries = self.no_tries();
        let mut pauses = 0;
        for attempt in 0.. {
            let (place, client) = self.next(&tries);
            if tries[place] > 0 {
                tokio::time::sleep(pause(pauses, options, rand::random())).await;
                pauses += 1;
            }
            tries[place] += 1;
            let error = match client.send_once(&call).await {
                Ok(accepted) => return Ok(accepted),
                Err(error) => error,
            };
            let again = match &error {
                error if may_pass(error) => true,
                LlmError::TimedOut(_) => self.has_fresh(&tries),
                _ => false,
            };
            if attempt >= options.retries || !again {
                return Err(error);
            }
            tracing::debug!(endpoint = client.url(), path = call.path, attempt, %error, "trying again");
        }
        unreachable!("the last attempt returns")
    }
}

impl OpenAiClient {
    /// One attempt. What comes of it decides whether the endpoint is left alone.
    async fn send_once(&self, call: &Call<'_>) -> Result<Accepted, LlmError> {
        let start = Instant::now();
        let outcome = self.attempt(call).await;
        self.meters.times.took(start.elapsed());
        self.meters.outcome(&outcome).up();
        match &outcome {
            Ok(_) => self.rest.end(),
            Err(LlmError::Status { retry_after, .. }) if outcome.as_ref().is_err_and(may_pass) => {
                self.rest.begin(self.client.options.rest(), retry_after.map(|seconds| Duration::from_secs(seconds.into())));
            }
            Err(LlmError::Unreachable(_) | LlmError::TimedOut(_)) => self.rest.begin(self.client.options.rest(), None),
            // The endpoint is well: it is the request that it refuses.
            Err(_) => {}
        }
        outcome
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Accepted, LlmError> {
        let mut request = self.request(call.method.clone(), call.path, call.query).headers(call.headers.clone());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let by = Instant::now() + self.client.options.first_byte_timeout();
        let mut response = match timeout_at(by, request.send()).await {
            Ok(answer) => answer.map_err(from_reqwest)?,
            Err(_) => return Err(LlmError::TimedOut(NO_ANSWER)),
        };
        if response.status().is_success() {
            let first = match timeout_at(by, response.chunk()).await {
                Ok(part) => part.map_err(from_reqwest)?,
                Err(_) => return Err(LlmError::TimedOut(NO_ANSWER)),
            };
            return Ok(Accepted { response, first, rest: Arc::clone(&self.rest) });
        }
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let said = body::read_excerpt(response, &self.client.options).await;
        Err(LlmError::Status { status, retry_after, body: self.without_key(said).into() })
    }
}

/// An error of the HTTP client, without the address: it is logged where it matters.
pub(super) fn from_reqwest(error: reqwest::Error) -> LlmError {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => LlmError::TimedOut(NO_CONNECTION),
        (true, false) => LlmError::TimedOut(NO_ANSWER),
        _ => LlmError::Unreachable(error.without_url()),
    }
}

/// Whether the same request may fare better a moment later. Nothing of an answer has been received when this is asked.
fn may_pass(error: &LlmError) -> bool {
    match error {
        LlmError::Unreachable(error) => !error.is_builder(),
        LlmError::TimedOut(what) => *what == NO_CONNECTION,
        LlmError::Status { status, .. } => *status == StatusCode::TOO_MANY_REQUESTS.as_u16() || *status >= 500,
        _ => false,
    }
}

/// The pause before another attempt at the same endpoint: doubling from the first one up to the longest, of which between half and all is
/// waited.
fn pause(attempt: u32, options: &HttpOptions, random: u16) -> Duration {
    let doubled = options.retry_delay_ms.saturating_mul(1u64.checked_shl(attempt).unwrap_or(u64::MAX));
    let longest = doubled.min(options.retry_delay_max_ms);
    Duration::from_millis(longest / 2 + (longest - longest / 2) * u64::from(random) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_vary_by_half() {
        let options = HttpOptions { retry_delay_ms: 500, retry_delay_max_ms: 2_000, ..HttpOptions::default() };
        for (attempt, least, most) in [(0, 250, 500), (1, 500, 1_000), (2, 1_000, 2_000), (3, 1_000, 2_000), (200, 1_000, 2_000)] {
            assert_eq!(pause(attempt, &options, 0).as_millis(), least, "{attempt}");
            assert_eq!(pause(attempt, &options, u16::MAX).as_millis(), most, "{attempt}");
        }
    }
}
