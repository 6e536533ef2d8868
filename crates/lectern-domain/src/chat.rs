//! Conversations.

use crate::ids::{ChatId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a conversation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatType {
    /// Judging answers.
    Evaluations,
    /// Preparing a meeting.
    Meeting,
}

impl ChatType {
    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evaluations => "evaluations",
            Self::Meeting => "meeting",
        }
    }
}

/// A conversation to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChat {
    /// What it is for.
    pub chat_type: ChatType,
    /// Free labels, kept as given.
    pub operators: Option<Vec<String>>,
    /// Free labels, kept as given.
    pub themes: Option<Vec<String>>,
}

/// What is to change of a conversation; what is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatChange {
    /// Its name; an empty one is a name.
    pub name: Option<String>,
    /// What it is for.
    pub chat_type: Option<ChatType>,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// Whose it is.
    pub user: UserId,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What it is for.
    pub chat_type: ChatType,
    /// Free labels.
    pub operators: Option<Vec<String>>,
    /// Free labels.
    pub themes: Option<Vec<String>>,
    /// How many streams it has.
    pub stream_count: i64,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}
