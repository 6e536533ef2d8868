//! Which models an endpoint serves.

use super::{OpenAiClient, body};
use crate::LlmError;
use reqwest::Method;
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
        }
        let accepted = self.send(Method::GET, "models", None).await?;
        let body = body::read(accepted, &self.client.options).await?;
        let list: List = serde_json::from_slice(&body).map_err(|error| LlmError::Protocol(format!("not a list of models ({error})")))?;
        if list.data.len() > 10_000 {
            return Err(LlmError::Protocol(format!("a list of {} models", list.data.len())));
        }
        Ok(list.data.into_iter().map(|entry| ListedModel { id: entry.id, kind: ModelKind::parse(entry.kind) }).collect())
    }
}
