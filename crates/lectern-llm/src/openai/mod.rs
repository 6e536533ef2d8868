//! A client of any endpoint that speaks OpenAI's HTTP API: chat completions, embeddings, the list of models.
//!
//! Requests go only to the configured address: no redirects are followed and no proxy is taken from the environment.

mod body;
mod chat;
mod client;
mod embeddings;
mod forward;
mod models;
mod send;

pub use chat::OpenAiChat;
pub use client::{HttpClient, OpenAiClient};
pub use embeddings::OpenAiEmbedder;
pub use forward::Forwarded;
pub use models::{ListedModel, ModelKind};
