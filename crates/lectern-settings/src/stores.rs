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
    /// A Qdrant.
    Qdrant,
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

/// How a Qdrant keeps vectors a second time in fewer bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantization {
    /// It does not.
    None,
    /// A byte for each component.
    Scalar,
    /// A bit for each component.
    Binary,
    /// A sixteenth of the bytes.
    Product,
}

/// `[qdrant]`: a Qdrant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QdrantSettings {
    /// Its address.
    pub url: Option<String>,
    /// The key that it asks for.
    pub api_key: Option<Secret<String>>,
    /// A file of certificates in PEM, of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What the names of Lectern's collections begin with.
    pub prefix: String,
    /// Seconds that a search may take.
    pub timeout_s: u64,
    /// How vectors are kept a second time in fewer bytes.
    pub quantization: Quantization,
    /// Whether vectors are read from the disk rather than kept in memory.
    pub vectors_on_disk: bool,
    /// The same for the graph.
    pub graph_on_disk: bool,
    /// The same for payloads.
    pub payload_on_disk: bool,
}

impl Default for QdrantSettings {
    fn default() -> Self {
        Self {
            url: None,
            api_key: None,
            ca_file: None,
            prefix: "lectern".to_owned(),
            timeout_s: 10,
            quantization: Quantization::None,
            vectors_on_disk: false,
            graph_on_disk: false,
            payload_on_disk: true,
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

/// The longest beginning of the name of an index or a collection.
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
        if self.search.vectors == VectorEngine::Qdrant && self.qdrant.url.is_none() {
            return contradiction(format!("{}, which needs qdrant.url", chosen("search.vectors", "qdrant")));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        for (key, prefix) in [("elasticsearch.prefix", &self.elasticsearch.prefix), ("qdrant.prefix", &self.qdrant.prefix)] {
            let named = prefix.starts_with(plain) && prefix.chars().all(|c| plain(c) || matches!(c, '-' | '_'));
            if !named || prefix.len() > LONGEST_PREFIX {
                return contradiction(format!(
                    "{key} ({}) is '{prefix}': it has 1 to {LONGEST_PREFIX} lower-case letters, digits, '-' and '_', and begins with a letter \
                     or a digit",
                    self.origin(key)
                ));
            }
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
