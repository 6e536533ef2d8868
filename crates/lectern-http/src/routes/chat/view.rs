//! A chat in an answer.

use crate::times::NaiveTime;
use lectern_domain::chat::Chat;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A chat.
#[derive(Serialize, ToSchema)]
pub(super) struct ChatView {
    chat_type: &'static str,
    operators: Option<Vec<String>>,
    themes: Option<Vec<String>>,
    id: i32,
    created_at: Option<NaiveTime>,
    updated_at: Option<NaiveTime>,
    user_id: i32,
    chat_name: Option<String>,
    stream_count: i64,
}

impl From<Chat> for ChatView {
    fn from(chat: Chat) -> Self {
        Self {
            chat_type: chat.chat_type.as_str(),
            operators: chat.operators,
            themes: chat.themes,
            id: chat.id.0,
            created_at: chat.created_at.map(NaiveTime),
            updated_at: chat.updated_at.map(NaiveTime),
            user_id: chat.user.0,
            chat_name: chat.name,
            stream_count: chat.stream_count,
        }
    }
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "chat_type": "meeting", "operators": null, "themes": ["état civil"], "id": 1, "created_at": "2026-11-20T14:15:00.088977",
        "updated_at": "2026-11-20T14:15:00.088977", "user_id": 1, "chat_name": "Actes de naissance", "stream_count": 1,
    })
}
