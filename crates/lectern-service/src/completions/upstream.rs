//! What an endpoint's failure is to the caller, and its answer.

use super::Reply;
use crate::ServiceError;
use futures_util::{StreamExt as _, TryStreamExt as _};
use lectern_llm::{ByteStream, LlmError, openai::Forwarded};

/// A refusal of the endpoint is passed on; that it cannot be reached is said in the words that clients know.
pub(super) fn failed(error: LlmError) -> ServiceError {
    match error {
        LlmError::Status { status, retry_after, body } if status >= 400 => ServiceError::Upstream { status, retry_after, body },
        error => {
            let said = if error.is_no_connection() { "All connection attempts failed".to_owned() } else { error.to_string() };
            ServiceError::UpstreamFailed { said, source: error }
        }
    }
}

/// An endpoint's answer as it is relayed.
pub(super) fn reply(forwarded: Forwarded) -> Reply {
    let is_event_stream = forwarded.is_event_stream();
    Reply { status: forwarded.status, headers: forwarded.headers, is_event_stream, degraded: None, body: noted(forwarded.body) }
}

/// The same bytes. An error is logged, since the caller sees nothing but a body that ends too early.
fn noted(body: ByteStream) -> ByteStream {
    let note = |error: &LlmError| tracing::warn!(error = error as &dyn std::error::Error, "the endpoint broke off its answer");
    body.inspect_err(note).boxed()
}
