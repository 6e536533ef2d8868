//! Where the store is, and how it is asked.

use std::{fmt, time::Duration};

/// How vectors are kept a second time in fewer bytes, for the first look at many of them. Hits are weighed by the whole vectors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quantization {
    /// They are not.
    #[default]
    None,
    /// A byte for each component.
    Scalar,
    /// A bit for each component; for long vectors (1,024 components or more).
    Binary,
    /// A sixteenth of the bytes, by products of centroids.
    Product,
}

/// Where the store is, and how it is asked. `Debug` shows no secret.
#[derive(Clone)]
pub struct QdrantOptions {
    /// Its address, `http` or `https`.
    pub url: String,
    /// The key that it asks for.
    pub api_key: Option<String>,
    /// Certificates of authorities to trust besides the system's, as PEM.
    pub ca: Option<Vec<u8>>,
    /// What the names of all collections begin with: lower-case letters, digits, `-` and `_`.
    pub prefix: String,
    /// The longest that a search may take, with its further tries. Changes may take a minute each.
    pub timeout: Duration,
    /// How vectors are kept a second time, in collections that are made from now on.
    pub quantization: Quantization,
    /// Whether vectors are read from the disk rather than kept in memory, in collections that are made from now on.
    pub vectors_on_disk: bool,
    /// The same for the graph.
    pub graph_on_disk: bool,
    /// The same for payloads; what filters look at is in memory in any case.
    pub payload_on_disk: bool,
}

impl QdrantOptions {
    /// The prefix `lectern`, 10 seconds, payloads on the disk.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            api_key: None,
            ca: None,
            prefix: "lectern".to_owned(),
            timeout: Duration::from_secs(10),
            quantization: Quantization::None,
            vectors_on_disk: false,
            graph_on_disk: false,
            payload_on_disk: true,
        }
    }
}

impl fmt::Debug for QdrantOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QdrantOptions")
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "[redacted]"))
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("quantization", &self.quantization)
            .field("vectors_on_disk", &self.vectors_on_disk)
            .field("graph_on_disk", &self.graph_on_disk)
            .field("payload_on_disk", &self.payload_on_disk)
            .finish_non_exhaustive()
    }
}
