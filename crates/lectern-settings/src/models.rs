//! The sections of the settings that are about models: `[llm]` and `[embeddings]`.

use crate::Secret;
use serde::{Deserialize, Serialize};

/// `[llm]`: the models that write answers. `lectern-extractive` is always there besides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LlmSettings {
    /// OpenAI-compatible endpoints. Those that serve the same model take turns.
    pub endpoints: Vec<Endpoint>,
    /// The key for endpoints that have none of their own.
    pub key: Option<Secret<String>>,
    /// The path before `/chat/completions`, for endpoints that have none of their own.
    pub api_path: String,
    /// The model that answers where none is asked for. Without it: the first that an endpoint has, else `lectern-extractive`.
    pub default_model: Option<String>,
    /// Seconds to wait for a connection to an endpoint.
    pub connect_timeout_s: u64,
    /// Seconds to wait for the first byte of an answer.
    pub first_byte_timeout_s: u64,
    /// Seconds to wait for the next bytes of an answer.
    pub idle_timeout_s: u64,
    /// How often a request is sent again, to another endpoint where there is one, before any part of an answer has arrived.
    pub retries: u32,
    /// Seconds that an endpoint that failed is left alone while another one serves the model.
    pub rest_s: u64,
    /// The paths below `/api/v1` that are passed to the endpoint of the model that the body names.
    pub passthrough: Vec<String>,
}

impl Default for LlmSettings {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            key: None,
            api_path: "/v1".to_owned(),
            default_model: None,
            connect_timeout_s: 5,
            first_byte_timeout_s: 60,
            idle_timeout_s: 30,
            retries: 2,
            rest_s: 10,
            passthrough: ["completions", "embeddings", "rerank", "score", "tokenize"].map(str::to_owned).into(),
        }
    }
}

/// One of `[[llm.endpoints]]`. Once loaded, `key` and `api_path` are the ones to use: they have fallen back to those of `[llm]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// `http://host:port`, without the API's path and a slash at the end.
    pub url: String,
    /// The key that it asks for.
    #[serde(default)]
    pub key: Option<Secret<String>>,
    /// The path before `/chat/completions`: empty, or with a slash at the start and none at the end.
    #[serde(default)]
    pub api_path: Option<String>,
    /// The models to use; none: those that the endpoint lists itself.
    #[serde(default)]
    pub models: Vec<String>,
}

/// Who turns texts into vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmbeddingsProvider {
    /// An installed model where `model` names one or there is exactly one; else nobody.
    Auto,
    /// An installed model, in this process.
    Local,
    /// An OpenAI-compatible endpoint.
    Openai,
    /// Nobody: search is lexical.
    None,
}

/// `[embeddings]`: the model behind semantic search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingsSettings {
    /// Who turns texts into vectors.
    pub provider: EmbeddingsProvider,
    /// The model's name: an installed one, or one of the endpoint.
    pub model: Option<String>,
    /// `http://host:port` of the endpoint.
    pub url: Option<String>,
    /// The key that the endpoint asks for.
    pub key: Option<Secret<String>>,
    /// The path before `/embeddings`.
    pub api_path: String,
    /// The length of the vectors; without it, what the first answer of the endpoint has.
    pub dimensions: Option<u32>,
    /// Texts a request or a forward pass.
    pub batch: u32,
}

impl Default for EmbeddingsSettings {
    fn default() -> Self {
        Self {
            provider: EmbeddingsProvider::Auto,
            model: None,
            url: None,
            key: None,
            api_path: "/v1".to_owned(),
            dimensions: None,
            batch: 32,
        }
    }
}
