//! The settings as a whole.

use crate::{
    AuthSettings, BackupSettings, CorpusSettings, DataSettings, DatabaseSettings, ElasticsearchSettings, EmbeddingsSettings,
    FollowSettings, HttpSettings, LimitsSettings, LlmSettings, LogSettings, MailSettings, MetricsSettings, Origin, PgvectorSettings,
    PromptsSettings, QdrantSettings, SearchSettings,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// What kind of installation this is (`ENV`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Automated tests: known secrets, short times, a temporary database.
    Unittest,
    /// A developer's machine.
    Dev,
    /// A rehearsal of production.
    Staging,
    /// Production.
    Prod,
}

/// All settings, as they are in force. `Debug` and serialisation leave out secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The folder below which everything is written, relative to the working directory.
    pub data_dir: PathBuf,
    /// What kind of installation this is.
    pub env: Environment,
    /// The server.
    pub http: HttpSettings,
    /// Where the truth is kept.
    pub database: DatabaseSettings,
    /// Archives of the database.
    pub backup: BackupSettings,
    /// Accounts and sessions.
    pub auth: AuthSettings,
    /// How people are written to.
    pub mail: MailSettings,
    /// How often one may try.
    pub limits: LimitsSettings,
    /// The models that write answers.
    pub llm: LlmSettings,
    /// The model behind semantic search.
    pub embeddings: EmbeddingsSettings,
    /// Retrieval.
    pub search: SearchSettings,
    /// A search engine outside.
    pub elasticsearch: ElasticsearchSettings,
    /// A vector store outside.
    pub qdrant: QdrantSettings,
    /// Vectors in PostgreSQL.
    pub pgvector: PgvectorSettings,
    /// How documents are read and cut.
    pub corpus: CorpusSettings,
    /// How indexes follow the change log.
    pub follow: FollowSettings,
    /// What models are told.
    pub prompts: PromptsSettings,
    /// Files of an operator's own.
    pub data: DataSettings,
    /// What the server tells about itself.
    pub metrics: MetricsSettings,
    /// What is written to standard error.
    pub log: LogSettings,
    /// Where each dotted key came from; the default for those that are missing.
    #[serde(skip)]
    pub(crate) origins: BTreeMap<&'static str, Origin>,
    /// Variables of the reference that are set and have no setting yet.
    #[serde(skip)]
    pub(crate) not_used: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            env: Environment::Dev,
            http: HttpSettings::default(),
            database: DatabaseSettings::default(),
            backup: BackupSettings::default(),
            auth: AuthSettings::default(),
            mail: MailSettings::default(),
            limits: LimitsSettings::default(),
            llm: LlmSettings::default(),
            embeddings: EmbeddingsSettings::default(),
            search: SearchSettings::default(),
            elasticsearch: ElasticsearchSettings::default(),
            qdrant: QdrantSettings::default(),
            pgvector: PgvectorSettings::default(),
            corpus: CorpusSettings::default(),
            follow: FollowSettings::default(),
            prompts: PromptsSettings::default(),
            data: DataSettings::default(),
            metrics: MetricsSettings::default(),
            log: LogSettings::default(),
            origins: BTreeMap::new(),
            not_used: Vec::new(),
        }
    }
}

impl Settings {
    /// Where the value of a dotted key came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }

    /// The names of variables that the reference API reads, that are set, and that no setting takes yet: for one line at debug level.
    pub fn not_used(&self) -> &[String] {
        &self.not_used
    }
}
