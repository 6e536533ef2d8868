//! Where the store is, and how it is asked.

use std::{fmt, time::Duration};

/// Who asks. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nobody in particular.
    None,
    /// A user.
    Basic {
        /// Their name.
        user: String,
        /// Their password.
        password: String,
    },
    /// An API key in the form that Elasticsearch shows as `encoded`.
    ApiKey(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Basic { user, .. } => write!(f, "Basic({user}, [redacted])"),
            Self::ApiKey(_) => f.write_str("ApiKey([redacted])"),
        }
    }
}

/// Where the store is, and how it is asked.
#[derive(Debug, Clone)]
pub struct ElasticsearchOptions {
    /// Its address, `http` or `https`.
    pub url: String,
    /// Who asks.
    pub credentials: Credentials,
    /// Certificates of authorities to trust besides the system's, as PEM.
    pub ca: Option<Vec<u8>>,
    /// What the names of all indexes begin with: lower-case letters, digits, `-` and `_`.
    pub prefix: String,
    /// The longest that a search may take, with its further tries. Changes may take a minute each.
    pub timeout: Duration,
}

impl ElasticsearchOptions {
    /// The prefix `lectern`, 10 seconds.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), credentials: Credentials::None, ca: None, prefix: "lectern".to_owned(), timeout: Duration::from_secs(10) }
    }
}
