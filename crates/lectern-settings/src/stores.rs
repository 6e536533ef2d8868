//! The sections about retrieval and the stores behind it.

use crate::{DatabaseUrl, Origin, Secret, Settings, SettingsError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which engine finds words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LexicalEngine {
    /// In this process, in the data folder.
    Embedded,
    /// An Elasticsearch or an OpenSearch.
    Elasticsearch,
}

/// Which engine finds vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VectorEngine {
    /// In this process, in the data folder.
    Embedded,
    /// An Elasticsearch.
    Elasticsearch,
    /// A PostgreSQL with pgvector.
    Pgvector,
}

/// What a search does whose index of words, or of vectors, is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenDown {
    /// It goes on with the other one, and says so.
    Degrade,
    /// It fails with 503.
    Fail,
}

/// `[search]`: retrieval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchSettings {
    /// The collection that is searched where none is named.
    pub default_collection: String,
    /// Which engine finds words.
    pub lexical: LexicalEngine,
    /// Which engine finds vectors.
    pub vectors: VectorEngine,
    /// What a search does where one of them is down.
    pub when_down: WhenDown,
    /// The most hits that a request may ask for.
    pub limit: u32,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self {
            default_collection: "documents".to_owned(),
            lexical: LexicalEngine::Embedded,
            vectors: VectorEngine::Embedded,
            when_down: WhenDown::Degrade,
            limit: 100,
        }
    }
}

/// `[elasticsearch]`: an Elasticsearch, or an OpenSearch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ElasticsearchSettings {
    /// Its address.
    pub url: Option<String>,
    /// Who asks, where there is a password.
    pub user: String,
    /// Their password.
    pub password: Option<Secret<String>>,
    /// An API key instead of user and password.
    pub api_key: Option<Secret<String>>,
    /// A file of certificates in PEM, of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What the names of Lectern's indexes begin with.
    pub prefix: String,
    /// Seconds that a search may take.
    pub timeout_s: u64,
}

impl Default for ElasticsearchSettings {
    fn default() -> Self {
        Self {
            url: None,
            user: "elastic".to_owned(),
            password: None,
            api_key: None,
            ca_file: None,
            prefix: "lectern".to_owned(),
            timeout_s: 10,
        }
    }
}

/// `[pgvector]`: a PostgreSQL with pgvector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PgvectorSettings {
    /// Its address. Default: the main database.
    pub url: Option<DatabaseUrl>,
    /// Connections for searches.
    pub connections: u16,
    /// Seconds that a search may take.
    pub timeout_s: u64,
}

impl Default for PgvectorSettings {
    fn default() -> Self {
        Self { url: None, connections: 4, timeout_s: 10 }
    }
}

/// The longest beginning of an index's name.
const LONGEST_PREFIX: usize = 40;

impl Settings {
    /// The database of the vectors, where pgvector keeps them.
    pub fn vector_database(&self) -> &DatabaseUrl {
        self.pgvector.url.as_ref().unwrap_or(&self.database.url)
    }

    /// Whether settings about stores agree with each other.
    pub(crate) fn stores_agree(&self) -> Result<(), SettingsError> {
        let contradiction = |message: String| Err(SettingsError::Contradiction(message));
        let chosen = |key: &str, word: &str| format!("{key} is \"{word}\" ({})", self.origin(key));
        let by_elasticsearch = [
            ("search.lexical", self.search.lexical == LexicalEngine::Elasticsearch),
            ("search.vectors", self.search.vectors == VectorEngine::Elasticsearch),
        ];
        let lacks_url = by_elasticsearch.into_iter().find(|(_, chosen)| *chosen && self.elasticsearch.url.is_none());
        if let Some((key, _)) = lacks_url {
            return contradiction(format!("{}, which needs elasticsearch.url", chosen(key, "elasticsearch")));
        }
        if self.elasticsearch.password.is_some() && self.elasticsearch.api_key.is_some() {
            return contradiction("elasticsearch.password and elasticsearch.api_key are both set".to_owned());
        }
        let prefix = &self.elasticsearch.prefix;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let named = prefix.starts_with(plain) && prefix.chars().all(|c| plain(c) || matches!(c, '-' | '_'));
        if !named || prefix.len() > LONGEST_PREFIX {
            return contradiction(format!(
                "elasticsearch.prefix ({}) is '{prefix}': it has 1 to {LONGEST_PREFIX} lower-case letters, digits, '-' and '_', and begins with \
                 a letter or a digit",
                self.origin("elasticsearch.prefix")
            ));
        }
        if self.search.vectors == VectorEngine::Pgvector && self.vector_database().is_sqlite() {
            let of = chosen("search.vectors", "pgvector");
            return match self.origin("pgvector.url") {
                Origin::Default => contradiction(format!("{of}, which needs pgvector.url, or a PostgreSQL as database.url")),
                origin => contradiction(format!("{of}, and pgvector.url ({origin}) is no PostgreSQL")),
            };
        }
        Ok(())
    }
}
