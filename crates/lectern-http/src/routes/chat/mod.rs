//! Chats.

mod create;
mod get;
mod list;
mod view;

use super::Endpoint;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::ChatId;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/chat").on(Method::POST, create::post),
        Endpoint::at("/api/v2/chats").on(Method::GET, list::get),
        Endpoint::at("/api/v2/chat/{chat_id}").on(Method::GET, get::get),
    ]
}

/// A path with a chat's id.
pub(super) struct ChatPath {
    /// The chat.
    pub(super) chat_id: ChatId,
}

impl FromFields for ChatPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { chat_id: fields.required("chat_id")? })
    }
}
