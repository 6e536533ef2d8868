//! Chats.

mod archive;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

use super::Endpoint;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::ChatId;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/chat").on(Method::POST, create::post),
        Endpoint::at("/api/v2/chats").on(Method::GET, list::get),
        Endpoint::at("/api/v2/chat/{chat_id}").on(Method::GET, get::get).on(Method::POST, update::post),
        Endpoint::at("/api/v2/chat/archive/{chat_id}").on(Method::GET, archive::get),
        Endpoint::at("/api/v2/chat/delete/{chat_id}").on(Method::DELETE, delete::delete),
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
