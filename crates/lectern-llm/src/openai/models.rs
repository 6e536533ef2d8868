//! Which models an endpoint serves.

use super::{Endpoints, OpenAiClient, body, send::Call};
use crate::LlmError;
use serde::Deserialize;

/// What a model is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelKind {
    /// It writes text. The endpoint said so (`text-generation`) or said nothing.
    Text,
    /// It turns texts into vectors.
    Embedding,
    /// Something else, in the endpoint's words.
    Other(String),
}

impl ModelKind {
    /// The kind in the words of the list of models.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text => "text-generation",
            Self::Embedding => "text-embeddings-inference",
            Self::Other(kind) => kind,
        }
    }

    fn parse(kind: Option<String>) -> Self {
        match kind.as_deref() {
            None | Some("" | "text-generation" | "chat" | "image-text-to-text") => Self::Text,
            Some("text-embeddings-inference" | "embedding" | "embeddings" | "feature-extraction") => Self::Embedding,
            Some(other) => Self::Other(other.to_owned()),
        }
    }
}

/// A model as an endpoint lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    /// Its name.
    pub id: String,
    /// What it is for.
    pub kind: ModelKind,
    /// When it was made, in seconds since 1970; 0 where the endpoint does not say.
    pub created: u64,
    /// Who owns it, in the endpoint's words; empty where it does not say.
    pub owned_by: String,
}

impl ListedModel {
    /// A model that the settings name. What it is for is told by its name alone: one that says `embed` makes vectors.
    pub(crate) fn named(id: &str) -> Self {
        let kind = if id.to_lowercase().contains("embed") { ModelKind::Embedding } else { ModelKind::Text };
        Self { id: id.to_owned(), kind, created: 0, owned_by: String::new() }
    }
}

impl OpenAiClient {
    /// Asks for the list of models, in the endpoint's order.
    ///
    /// # Errors
    /// [`LlmError`] as for any request; at most 10,000 models are accepted.
    pub async fn models(&self) -> Result<Vec<ListedModel>, LlmError> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: String,
            #[serde(rename = "type")]
            kind: Option<String>,
            #[serde(default)]
            created: serde_json::Value,
            owned_by: Option<String>,
        }
        let accepted = Endpoints::from(self.clone()).send(Call::get("models")).await?;
        let body = body::read(accepted, &self.client.options).await?;
        let list: List = serde_json::from_slice(&body).map_err(|error| LlmError::Protocol(format!("not a list of models ({error})")))?;
        if list.data.len() > 10_000 {
            return Err(LlmError::Protocol(format!("a list of {} models", list.data.len())));
        }
        let listed = |entry: Entry| ListedModel {
            id: entry.id,
            kind: ModelKind::parse(entry.kind),
            // Some servers send a fraction, some a text; the date is for people alone.
            created: entry.created.as_f64().map_or(0, |seconds| seconds as u64),
            owned_by: entry.owned_by.unwrap_or_default(),
        };
        Ok(list.data.into_iter().map(listed).collect())
    }
}
