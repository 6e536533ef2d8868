//! An id for every request: in the answer, and in every line that is logged meanwhile.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries it, both ways.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's id where it is 1 to 128 letters, digits or `-_.`, else a new one.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let given = headers.get(REQUEST_ID).filter(|id| (1..=128).contains(&id.len()) && id.as_bytes().iter().all(plain));
    given.cloned().unwrap_or_else(|| {
        let mut text = Uuid::encode_buffer();
        let id = HeaderValue::from_str(Uuid::new_v4().hyphenated().encode_lower(&mut text));
        // Digits and hyphens always make a header.
        id.unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}
