//! A relayed answer as an HTTP answer.

use crate::degraded;
use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};
use lectern_service::completions::Reply;

/// What the reference says of every stream, byte for byte.
const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

/// The same status, the headers of the list, the same bytes as they come. An error after the first byte cuts the connection.
pub(super) fn answer(reply: Reply) -> HttpResponse {
    let mut answer = HttpResponse::build(StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK));
    answer.insert_header((CONTENT_TYPE, "application/json"));
    for header in reply.headers {
        answer.insert_header(header);
    }
    degraded::say(&mut answer, reply.degraded);
    if reply.is_event_stream {
        answer.insert_header((CONTENT_TYPE, EVENT_STREAM));
    }
    answer.streaming(reply.body)
}
