//! Sending a request: time limits, and the retries that are safe.

use super::{OpenAiClient, body};
use crate::LlmError;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// An answer whose status is a success, with the moment until which its first byte may take.
pub(super) struct Accepted {
    pub(super) response: Response,
    pub(super) first_byte_by: Instant,
}

impl OpenAiClient {
    /// Sends a request until it is accepted: a connection that fails, 429 and 5xx are tried again as often as the options say. By then
    /// no part of an answer has arrived, so nothing is ever received twice. Running out of time is not tried again: it already took
    /// the time that a caller is ready to wait.
    pub(super) async fn send(&self, method: Method, path: &str, json: Option<&Value>) -> Result<Accepted, LlmError> {
        let mut attempt = 0;
        loop {
            let error = match self.send_once(method.clone(), path, json).await {
                Ok(accepted) => return Ok(accepted),
                Err(error) => error,
            };
            if attempt >= self.client.options.retries || !may_pass(&error) {
                return Err(error);
            }
            let pause = pause(attempt, &self.client.options, rand::random());
            tracing::debug!(endpoint = self.url(), path, attempt, %error, pause_ms = pause.as_millis() as u64, "trying again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn send_once(&self, method: Method, path: &str, json: Option<&Value>) -> Result<Accepted, LlmError> {
        let mut request = self.request(method, path);
        if let Some(json) = json {
            request = request.json(json);
        }
        let first_byte_by = Instant::now() + self.client.options.first_byte_timeout();
        let response = match tokio::time::timeout_at(first_byte_by, request.send()).await {
            Ok(answer) => answer.map_err(from_reqwest)?,
            Err(_) => return Err(LlmError::TimedOut("waiting for its answer")),
        };
        if response.status().is_success() {
            return Ok(Accepted { response, first_byte_by });
        }
        let status = response.status().as_u16();
        let said = body::read_excerpt(response, &self.client.options).await;
        Err(LlmError::Status { status, body: self.without_key(said).into() })
    }
}

/// An error of the HTTP client, without the address: it is logged where it matters.
pub(super) fn from_reqwest(error: reqwest::Error) -> LlmError {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => LlmError::TimedOut("opening a connection"),
        (true, false) => LlmError::TimedOut("waiting for its answer"),
        _ => LlmError::Unreachable(error.without_url()),
    }
}

/// Whether the same request may fare better a moment later. Nothing of an answer has been received when this is asked.
fn may_pass(error: &LlmError) -> bool {
    match error {
        LlmError::Unreachable(error) => error.is_connect() || error.is_request(),
        LlmError::TimedOut(what) => *what == "opening a connection",
        LlmError::Status { status, .. } => *status == StatusCode::TOO_MANY_REQUESTS.as_u16() || *status >= 500,
        _ => false,
    }
}

/// The pause before a retry: doubling from the first one up to the longest, of which between half and all is waited.
fn pause(attempt: u32, options: &crate::HttpOptions, random: u16) -> Duration {
    let doubled = options.retry_delay_ms.saturating_mul(1u64.checked_shl(attempt).unwrap_or(u64::MAX));
    let longest = doubled.min(options.retry_delay_max_ms);
    Duration::from_millis(longest / 2 + (longest - longest / 2) * u64::from(random) / u64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpOptions;

    #[test]
    fn pauses_double_up_to_the_longest_and_vary_by_half() {
        let options = HttpOptions { retry_delay_ms: 500, retry_delay_max_ms: 2_000, ..HttpOptions::default() };
        for (attempt, least, most) in [(0, 250, 500), (1, 500, 1_000), (2, 1_000, 2_000), (3, 1_000, 2_000), (200, 1_000, 2_000)] {
            assert_eq!(pause(attempt, &options, 0).as_millis(), least, "{attempt}");
            assert_eq!(pause(attempt, &options, u16::MAX).as_millis(), most, "{attempt}");
        }
    }
}
