//! Lectern's settings: defaults < `lectern.toml` < `.env` < environment < flags, strict, each value with its origin.
//!
//! [`Sources::of_process`] takes a snapshot of everything that settings come from, [`Settings::load`] makes the settings of it, and
//! [`Settings::describe`] tells what is in force and where it came from. This is the only crate that reads the environment, and it
//! reads it once: everything after the snapshot is a pure function of [`Sources`], apart from the files that `…_file` keys name.
//!
//! The keys are listed in [`keys::KEYS`] and described in `docs/configuration.md`; a test holds the two and the structs together.

mod check;
mod database_url;
mod describe;
mod endpoints;
mod environment;
mod error;
mod fallback;
mod file;
pub mod keys;
mod layer;
mod literal;
mod load;
mod mail;
mod models;
mod origin;
mod secret;
mod sections;
mod settings;
mod sources;
mod stores;
mod text;

pub use database_url::DatabaseUrl;
pub use describe::Entry;
pub use error::SettingsError;
pub use mail::{LimitsSettings, MailLanguage, MailSettings, SmtpTls};
pub use models::{EmbeddingsProvider, EmbeddingsSettings, Endpoint, LlmSettings};
pub use origin::Origin;
pub use secret::Secret;
pub use sections::{
    AuthSettings, BackupSettings, CorpusSettings, DataSettings, DatabaseSettings, FollowSettings, ForwardedHeader, HttpSettings, LogFormat,
    LogSettings, MetricsSettings, PromptsSettings,
};
pub use settings::{Environment, Settings};
pub use sources::{Flag, Sources};
pub use stores::{
    ElasticsearchSettings, LexicalEngine, PgvectorSettings, QdrantSettings, Quantization, SearchSettings, VectorEngine, WhenDown,
};
