//! The sections of the settings, as plain structs. The defaults here are the ones of every environment but `unittest`
//! (see the module `fallback`); what depends on the machine or on other settings is filled in when settings are loaded.

use crate::{DatabaseUrl, Secret};
use serde::{Deserialize, Serialize};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

/// In which header proxies say whom they speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// `[http]`: the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that serve requests. Default: one a core.
    pub workers: u16,
    /// Addresses and networks (`10.0.0.0/8`) of proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<String>,
    /// The header in which they say it; the other one is not read.
    pub forwarded_header: ForwardedHeader,
    /// Origins (`https://app.example.org`) whose pages may call the API with credentials.
    pub cors_origins: Vec<String>,
    /// Seconds that running requests get at a shut-down.
    pub shutdown_grace_s: u64,
    /// Seconds after which the answers of a process that does not say any more that it is alive count as ended.
    pub stream_lease_s: u64,
    /// The version of the installation that `GET /api/v2/healthcheck` answers with.
    pub app_version: String,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 1,
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
            cors_origins: Vec::new(),
            shutdown_grace_s: 10,
            stream_lease_s: 10,
            app_version: "0.0.0".to_owned(),
        }
    }
}

/// `[database]`: where the truth is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// The database. Default: `lectern.sqlite3` in the data folder.
    pub url: DatabaseUrl,
    /// Connections of the pool, each with a thread of its own. Default: two a core, at least four.
    pub connections: u16,
    /// Seconds to wait for a connection to the database to open.
    pub acquire_timeout_s: u64,
    /// Writes that may wait for SQLite's one writer; past it the answer is 503.
    pub write_queue: u32,
    /// Whether the schema is brought up to date at start. Default: on SQLite.
    pub auto_upgrade: bool,
    /// PostgreSQL's extensions that `lectern db init` makes, where the server has them.
    pub extensions: Vec<String>,
    /// The password that `lectern db init --role` gives the role.
    pub role_password: Option<Secret<String>>,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: DatabaseUrl::sqlite("./data/lectern.sqlite3"),
            connections: 4,
            acquire_timeout_s: 5,
            write_queue: 1024,
            auto_upgrade: true,
            extensions: ["vector", "uuid-ossp", "hstore"].map(str::to_owned).into(),
            role_password: None,
        }
    }
}

/// `[backup]`: archives of the database.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// The passphrase of encrypted archives.
    pub passphrase: Option<Secret<String>>,
}

/// `[auth]`: accounts and sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthSettings {
    /// The key that signs session tokens. Without it, `<data>/secret_key` is read, or made.
    pub secret_key: Option<Secret<String>>,
    /// Seconds that a session lasts.
    pub session_ttl_s: u64,
    /// Seconds that a link for a new password is good for.
    pub reset_ttl_s: u64,
    /// The name of the first administrator.
    pub first_admin_username: String,
    /// The e-mail address of the first administrator.
    pub first_admin_email: String,
    /// The password of the first administrator. Without it, a random one is written to `<data>/first-admin`.
    pub first_admin_password: Option<Secret<String>>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            secret_key: None,
            session_ttl_s: 86_400,
            reset_ttl_s: 3_600,
            first_admin_username: "admin".to_owned(),
            first_admin_email: "admin@example.com".to_owned(),
            first_admin_password: None,
        }
    }
}

/// `[corpus]`: how documents are read and cut. A collection keeps the chunking that it was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorpusSettings {
    /// The longest chunk, in characters.
    pub chunk_chars: u32,
    /// Characters that neighbouring chunks share.
    pub chunk_overlap: u32,
    /// The largest document, in bytes.
    pub max_document_bytes: u64,
    /// The longest line of a `.jsonl` file, in bytes.
    pub max_line_bytes: u64,
}

impl Default for CorpusSettings {
    fn default() -> Self {
        Self { chunk_chars: 1200, chunk_overlap: 0, max_document_bytes: 64 * 1024 * 1024, max_line_bytes: 64 * 1024 * 1024 }
    }
}

/// `[follow]`: how indexes follow the change log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FollowSettings {
    /// Milliseconds between two looks at the log when nothing says that there is something new.
    pub poll_ms: u64,
    /// The most chunks that are handed to an index at once.
    pub batch_chunks: u32,
    /// Seconds that an entry of the log is kept at least.
    pub retention_s: u64,
}

impl Default for FollowSettings {
    fn default() -> Self {
        Self { poll_ms: 500, batch_chunks: 512, retention_s: 7 * 86_400 }
    }
}

/// `[prompts]`: what models are told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PromptsSettings {
    /// A folder with `prompt_config.yml` and its templates, instead of the built-in ones.
    pub folder: Option<PathBuf>,
}

/// `[data]`: files of an operator's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSettings {
    /// A JSON file of acronyms that are explained where a question uses them.
    pub acronyms: Option<PathBuf>,
    /// The organisations that a new user may belong to: a JSON list of `{"id": …, "name": …}`.
    pub organizations: Option<PathBuf>,
    /// The institutions that a user may name: a JSON list of texts.
    pub institutions: Option<PathBuf>,
    /// A JSON file of addresses, numbers and domains that are not masked in answers.
    pub whitelist: Option<PathBuf>,
}

/// `[metrics]`: what the server tells about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
    /// The address on which `GET /metrics` is answered, or `off`; port 0 takes a free one.
    pub listen: String,
}

impl Default for MetricsSettings {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)).to_string() }
    }
}

impl MetricsSettings {
    /// The address to listen on; none where it is off.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]`: what is written to standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// How log lines look.
    pub format: LogFormat,
    /// How much is said: a level, or directives such as `info,lectern_service=debug`.
    pub level: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}
