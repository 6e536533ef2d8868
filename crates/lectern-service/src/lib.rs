//! Lectern's use cases, one file a verb. The only crate that opens transactions, and the one place where the adapters meet.

pub mod accounts;
pub mod answer;
pub mod app;
pub mod blocking;
pub mod completions;
pub mod conversations;
pub mod corpora;
mod data_file;
mod error;
pub mod feedback;
pub mod follow;
pub mod index;
pub mod jobs;
pub mod lifecycle;
pub mod limits;
pub mod mail;
pub mod prompts;
pub mod pulse;
pub mod readiness;
pub mod schema;
pub mod search;
pub mod stores;
pub mod uploads;

pub use error::{ServiceError, with_causes};

/// What the programs need to say which models there are.
pub mod llm {
    #[cfg(feature = "local-embeddings")]
    pub use lectern_llm::local::{InstalledModel, ModelError, install, install_as, installed};
    pub use lectern_llm::{ApiKey, Endpoint, HttpOptions, LlmError, RemoteEmbedding, extractive::EXTRACTIVE_MODEL};
}

/// What the database answers instead of what was asked for.
pub use lectern_persistence::DbError as PersistenceError;
