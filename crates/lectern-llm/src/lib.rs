//! Language models: chat models that answer and embedders that turn texts into vectors.
//!
//! Chat models speak one wire format, OpenAI's server-sent events, whether they are reached over HTTP or built in.

pub mod catalog;
pub mod extractive;
#[cfg(feature = "local-embeddings")]
pub mod local;
pub mod openai;
mod secret;
mod settings;
pub mod sse;
mod vector;

pub use openai::HttpClient;
pub use secret::ApiKey;
pub use settings::{Endpoint, HttpOptions, RemoteEmbedding};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use lectern_domain::{executor::NotRun, ids::ChunkId, language::Language, model::EmbeddingModelSpec};
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// What went wrong with a model.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    /// The endpoint could not be reached, or the connection broke.
    #[error("the model's endpoint cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The endpoint took too long.
    #[error("the model's endpoint did not answer in time ({0})")]
    TimedOut(&'static str),
    /// The endpoint answered with an error.
    #[error("the model's endpoint answered {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The seconds after which it wants to be asked again (`Retry-After`).
        retry_after: Option<u32>,
        /// Its body, at most 64 KiB.
        body: Bytes,
    },
    /// The endpoint's answer is not what the protocol says.
    #[error("the model's answer is not understood: {0}")]
    Protocol(String),
    /// The process ends before the answer does.
    #[error("the server is stopping")]
    Cut,
    /// Too much is waiting, or a job of a local model panicked.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// A local model could not be loaded or run.
    #[error("{what}")]
    Local {
        /// What was being done, and what to do about it.
        what: String,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl LlmError {
    /// Whether no connection to the endpoint could be opened.
    pub fn is_no_connection(&self) -> bool {
        matches!(self, Self::Unreachable(error) if error.is_connect())
    }
}

/// A future of a model.
pub type ModelFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LlmError>> + Send + 'a>>;

/// Who says something in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A passage that was retrieved for a question, numbered from 1 in the order in which it was put into the prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePassage {
    /// The chunk.
    pub chunk: ChunkId,
    /// The title of its document.
    pub title: String,
    /// The headings above it.
    pub heading: String,
    /// Its text.
    pub text: String,
    /// The language of its collection.
    pub language: Language,
}

/// What a chat model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The model's name.
    pub model: String,
    /// The conversation, prompt included: what a generative model is given.
    pub messages: Vec<Message>,
    /// How random the answer may be, 0 to 2.
    pub temperature: f64,
    /// The question itself: what the extractive model is given.
    pub question: String,
    /// The passages that were retrieved, none without retrieval: what the extractive model answers from.
    pub passages: Vec<SourcePassage>,
}

/// A stream of raw bytes in the format of OpenAI's server-sent events, cut wherever the network cut it.
pub type ByteStream = BoxStream<'static, Result<Bytes, LlmError>>;

/// A model that writes answers.
pub trait ChatModel: Send + Sync {
    /// Starts an answer. The future ends when its first part is there; dropping it, or the stream, cancels the request.
    fn stream(&self, request: ChatRequest) -> ModelFuture<'_, ByteStream>;

    /// The whole text of an answer. Without a way of its own, a model streams it, and the parts are put together.
    fn complete(&self, request: ChatRequest) -> ModelFuture<'_, String> {
        Box::pin(async move { collect_text(self.stream(request).await?).await })
    }
}

/// What a text is embedded for; some models want to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddingKind {
    /// A question that is to find passages.
    Query,
    /// A passage that is to be found.
    Passage,
}

/// What became of texts, and what it took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Embedded {
    /// One vector for each text, in their order.
    pub vectors: Vec<Vec<f32>>,
    /// The tokens that the model was given, its markers and prefixes included; none where it does not tell.
    pub tokens: Option<u64>,
}

/// A model that turns texts into vectors of unit length.
pub trait Embedder: Send + Sync {
    /// What identifies the model.
    fn spec(&self) -> &EmbeddingModelSpec;
    /// One vector for each text, in their order.
    fn embed(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Vec<Vec<f32>>>;

    /// The same, with the tokens that it took, as far as the model tells.
    fn embed_counted(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Embedded> {
        Box::pin(async move { Ok(Embedded { vectors: self.embed(texts, kind).await?, tokens: None }) })
    }
}

/// Puts the text of a streamed answer together.
///
/// # Errors
/// What the stream ends with, and [`LlmError::Protocol`] where an event reports an error or is too long.
pub async fn collect_text(mut stream: ByteStream) -> Result<String, LlmError> {
    let mut decoder = sse::SseDecoder::new();
    let mut text = String::new();
    loop {
        let part = stream.next().await.transpose()?;
        let events = match &part {
            Some(part) => decoder.push(part)?,
            None => decoder.finish().into_iter().collect(),
        };
        for event in events {
            if event.is_done() {
                return Ok(text);
            }
            if sse::is_error(&event) {
                return Err(LlmError::Protocol("an error in the middle of an answer".to_owned()));
            }
            text.extend(sse::content_delta(&event));
        }
        if part.is_none() {
            return Ok(text);
        }
    }
}
