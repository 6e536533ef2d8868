//! An id for every request: in the answer, and in every line that is logged meanwhile.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};
use std::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

/// Takes a caller's id when it is 1 to 128 letters, digits or `-_.`, else makes one. Logs carry the route's pattern, never its path
/// or query, which may hold a token.
pub(crate) async fn request_id(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    const NAME: HeaderName = HeaderName::from_static("x-request-id");
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let given = request.headers().get(NAME).filter(|id| (1..=128).contains(&id.len()) && id.as_bytes().iter().all(plain)).cloned();
    let id = match given {
        Some(id) => id,
        None => HeaderValue::try_from(Uuid::new_v4().to_string())?,
    };
    let route = request.match_pattern().unwrap_or_else(|| "none".into());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), method = %request.method(), route);
    let start = Instant::now();
    let answer = next.call(request).instrument(span.clone()).await;
    let status = match &answer {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => error.as_response_error().status_code().as_u16(),
    };
    span.in_scope(|| tracing::info!(status, ms = start.elapsed().as_millis() as u64, "answered"));
    let mut answer = answer?;
    answer.headers_mut().insert(NAME, id);
    Ok(answer)
}
