//! Chats.

mod archive;
mod create;
mod delete;
mod get;
mod list;
mod update;
mod view;

use super::Endpoint;
use crate::docs::Doc;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::ChatId;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/chat").route(
            Method::POST,
            create::post,
            Doc::new("Begins a chat").body(json!({ "chat_type": "meeting", "themes": ["état civil"] })).answer(view::example()),
        ),
        Endpoint::at("/api/v2/chats").route(Method::GET, list::get, Doc::new("The caller's chats").answer(json!([view::example()]))),
        Endpoint::at("/api/v2/chat/{chat_id}")
            .route(
                Method::GET,
                get::get,
                Doc::new("A chat, for its owner or an administrator")
                    .answer(view::example())
                    .refuses([ServiceError::ChatNotFound, ServiceError::Forbidden]),
            )
            .route(
                Method::POST,
                update::post,
                Doc::new("Changes a chat of the caller's; what is null or left out stays")
                    .body(json!({ "chat_name": "Actes de naissance" }))
                    .answer(view::example())
                    .refuses([ServiceError::ChatNotFound, ServiceError::Forbidden]),
            ),
        Endpoint::at("/api/v2/chat/archive/{chat_id}").route(
            Method::GET,
            archive::get,
            Doc::new("A chat with its streams, for its owner or an administrator")
                .answer(archive::example())
                .refuses([ServiceError::ChatNotFound, ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/chat/delete/{chat_id}").route(
            Method::DELETE,
            delete::delete,
            Doc::new("Deletes a chat of the caller's, with its streams and their feedback")
                .answer(view::example())
                .refuses([ServiceError::ChatNotFound, ServiceError::Forbidden]),
        ),
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
