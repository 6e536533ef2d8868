//! The table `chats`.

use super::json_list::{from_json, to_json};
use crate::{
    DbError,
    schema::chats,
    types::{JsonValue, Timestamp},
};
use diesel::{Insertable, Queryable, Selectable};
use lectern_domain::{
    chat::{Chat, ChatType, NewChat},
    ids::{ChatId, UserId},
};

/// A row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = chats)]
pub(crate) struct ChatRow {
    id: i32,
    chat_name: Option<String>,
    chat_type: String,
    user_id: i32,
    themes: Option<JsonValue>,
    operators: Option<JsonValue>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl ChatRow {
    /// The chat, with its number of streams.
    ///
    /// # Errors
    /// [`DbError::Data`] for a value that the column should not hold.
    pub(crate) fn with_count(self, stream_count: i64) -> Result<Chat, DbError> {
        let chat_type = [ChatType::Evaluations, ChatType::Meeting].into_iter().find(|known| known.as_str() == self.chat_type);
        Ok(Chat {
            id: ChatId(self.id),
            user: UserId(self.user_id),
            name: self.chat_name,
            chat_type: chat_type.ok_or_else(|| DbError::Data(format!("chats.chat_type of row {}", self.id)))?,
            operators: from_json("chats.operators", self.operators)?,
            themes: from_json("chats.themes", self.themes)?,
            stream_count,
            created_at: self.created_at.map(Into::into),
            updated_at: self.updated_at.map(Into::into),
        })
    }
}

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = chats)]
pub(crate) struct NewChatRow {
    chat_type: &'static str,
    user_id: i32,
    themes: JsonValue,
    operators: JsonValue,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl NewChatRow {
    /// A chat of that user.
    pub(crate) fn new(user: UserId, chat: &NewChat) -> Self {
        let now = Timestamp::now();
        Self {
            chat_type: chat.chat_type.as_str(),
            user_id: user.0,
            themes: to_json(chat.themes.as_deref()),
            operators: to_json(chat.operators.as_deref()),
            created_at: now,
            updated_at: now,
        }
    }
}
