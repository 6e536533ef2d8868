//! Streams: questions, and their answers.

mod create;
mod get;
mod list;
mod start;
mod view;

pub(crate) use create::Source;
pub(super) use view::StreamView;

use super::Endpoint;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::StreamId;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/stream").on(Method::POST, create::post),
        Endpoint::at("/api/v2/stream/chat/{chat_id}").on(Method::POST, create::post_in_chat),
        Endpoint::at("/api/v2/streams").on(Method::GET, list::get),
        Endpoint::at("/api/v2/stream/{stream_id}").on(Method::GET, get::get),
        Endpoint::at("/api/v2/stream/{stream_id}/start").on(Method::GET, start::get),
    ]
}

/// A path with a stream's id.
pub(super) struct StreamPath {
    /// The stream.
    pub(super) stream_id: StreamId,
}

impl FromFields for StreamPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { stream_id: fields.required("stream_id")? })
    }
}
