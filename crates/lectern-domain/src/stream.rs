//! Streams: a question, how it is to be answered, and the answer.

use crate::{
    Invalid,
    ids::{ChatId, StreamId, UserId},
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// How random an answer may be: 0 to 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperature(f64);

impl Temperature {
    /// The value.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl Default for Temperature {
    /// 0.2
    fn default() -> Self {
        Self(0.2)
    }
}

impl TryFrom<f64> for Temperature {
    type Error = Invalid;

    fn try_from(value: f64) -> Result<Self, Invalid> {
        if (0.0..=2.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(Invalid::new("temperature", format!("{value} is not between 0 and 2")))
        }
    }
}

/// A question to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewStream {
    /// The model that is to answer.
    pub model_name: String,
    /// The question.
    pub query: String,
    /// The prompt's mode; none hands the question to the model as it is.
    pub mode: Option<String>,
    /// How many passages to retrieve.
    pub limit: Option<i32>,
    /// Whether the chat's earlier questions and answers go along.
    pub with_history: Option<bool>,
    /// Free text for the prompt.
    pub context: String,
    /// Free text for the prompt.
    pub institution: String,
    /// Free text for the prompt.
    pub links: String,
    /// How random the answer may be.
    pub temperature: Temperature,
    /// The collections that may answer, by their ids; none takes the default one.
    pub collections: Option<Vec<Uuid>>,
    /// Search only these sources; all where empty.
    pub sources: Vec<String>,
    /// Documents to prefer.
    pub should_sids: Option<Vec<String>>,
    /// Documents to leave out.
    pub must_not_sids: Option<Vec<String>>,
    /// What to do with the answer before it is shown.
    pub postprocessing: Option<Vec<String>>,
}

/// A question, and its answer once there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Its id.
    pub id: StreamId,
    /// Who asked.
    pub user: Option<UserId>,
    /// The conversation that it belongs to.
    pub chat: Option<ChatId>,
    /// The question.
    pub question: NewStream,
    /// Whether an answer is being written.
    pub is_streaming: bool,
    /// The messages that the model was given: an LZ4 frame of their JSON array.
    pub prompt: Option<Vec<u8>>,
    /// The answer.
    pub response: Option<String>,
    /// The documents that a search on behalf of this stream found.
    pub search_sids: Option<Vec<String>>,
    /// The ids of the passages that the answer rests on.
    pub rag_sources: Option<Vec<String>>,
    /// When it was asked.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
}
