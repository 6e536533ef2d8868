//! Passing a request on as it is.

use super::{OpenAiClient, body, send::from_reqwest};
use crate::{ByteStream, LlmError};
use bytes::Bytes;
use reqwest::{Method, header};
use tokio::time::{Instant, timeout_at};

/// An endpoint's answer to a request that was passed on, whatever its status.
pub struct Forwarded {
    /// The HTTP status.
    pub status: u16,
    /// Its `content-type`, where it is text.
    pub content_type: Option<String>,
    /// Its body, as the network delivers it, within the options' bounds.
    pub body: ByteStream,
}

impl OpenAiClient {
    /// Passes a JSON body on to a path below the API's address, with this endpoint's own key, once: without retries. The path must
    /// come from a list in the settings.
    ///
    /// # Errors
    /// [`LlmError::Unreachable`] and [`LlmError::TimedOut`]; a status that is an error is an answer here.
    pub async fn forward(&self, method: Method, path: &str, json: Bytes) -> Result<Forwarded, LlmError> {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json").body(json);
        let first_byte_by = Instant::now() + self.client.options.first_byte_timeout();
        let response = match timeout_at(first_byte_by, request.send()).await {
            Ok(answer) => answer.map_err(from_reqwest)?,
            Err(_) => return Err(LlmError::TimedOut("waiting for its answer")),
        };
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let accepted = super::send::Accepted { response, first_byte_by };
        Ok(Forwarded { status, content_type, body: body::stream(accepted, &self.client.options) })
    }
}
