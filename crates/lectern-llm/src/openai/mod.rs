//! A client of any endpoint that speaks OpenAI's HTTP API: chat completions, embeddings, the list of models.
//!
//! Requests go only to the configured addresses: no redirects are followed and no proxy is taken from the environment.

mod body;
mod chat;
mod client;
mod embeddings;
mod endpoints;
mod forward;
mod meters;
mod models;
mod rest;
mod send;

pub use chat::OpenAiChat;
pub use client::{HttpClient, OpenAiClient};
pub use embeddings::OpenAiEmbedder;
pub use endpoints::Endpoints;
pub use forward::{Forward, Forwarded, PASSED_ON, RELAYED};
pub use meters::{UpstreamMeters, Upstreams};
pub use models::{ListedModel, ModelKind};
