//! Passing a request on as it is.

use super::{Endpoints, body, send::Call};
use crate::{ByteStream, LlmError};
use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};

/// The headers of a caller that are passed on, in lower case. Not among them is whatever says who calls: the endpoint knows this server.
pub const PASSED_ON: [&str; 4] = ["accept", "traceparent", "tracestate", "x-request-id"];
/// The headers of an endpoint that a caller sees, in lower case.
pub const RELAYED: [&str; 5] = ["content-type", "openai-processing-ms", "openai-version", "retry-after", "retry-after-ms"];

/// A request to be passed on with the endpoint's own key.
#[derive(Debug, Clone)]
pub struct Forward<'a> {
    /// The path below the API's address: one from a list in the settings, never a caller's text.
    pub path: &'a str,
    /// The query, as it came.
    pub query: Option<&'a str>,
    /// Headers, of which those in [`PASSED_ON`] are sent.
    pub headers: &'a [(String, String)],
    /// The JSON body.
    pub body: Bytes,
}

/// An endpoint's answer to a request that was passed on.
pub struct Forwarded {
    /// The HTTP status, a success.
    pub status: u16,
    /// Those of its headers that are in [`RELAYED`].
    pub headers: Vec<(&'static str, String)>,
    /// Its body, as the network delivers it, within the options' bounds. Dropping it cancels the request.
    pub body: ByteStream,
}

impl Forwarded {
    /// Whether the body is a stream of server-sent events.
    pub fn is_event_stream(&self) -> bool {
        self.headers.iter().any(|(name, value)| *name == "content-type" && value.trim_start().starts_with("text/event-stream"))
    }
}

impl Endpoints {
    /// Passes a request on, with the attempts of any other request.
    ///
    /// # Errors
    /// [`LlmError`] as for any request.
    pub async fn forward(&self, request: Forward<'_>) -> Result<Forwarded, LlmError> {
        let call = Call {
            method: Method::POST,
            path: request.path,
            query: request.query,
            headers: passed_on(request.headers),
            body: Some(request.body),
        };
        let accepted = self.send(call).await?;
        let header = |name: &'static str| Some((name, accepted.response.headers().get(name)?.to_str().ok()?.to_owned()));
        let headers = RELAYED.into_iter().filter_map(header).collect();
        let status = accepted.response.status().as_u16();
        Ok(Forwarded { status, headers, body: body::stream(accepted, self.options()) })
    }
}

fn passed_on(headers: &[(String, String)]) -> HeaderMap {
    let pair = |name: &'static str| {
        let (_, value) = headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name))?;
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    };
    PASSED_ON.into_iter().filter_map(pair).collect()
}
