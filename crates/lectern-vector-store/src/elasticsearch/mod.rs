//! Elasticsearch 8 and 9, and OpenSearch 2 and 3 for words, over their REST interface.
//!
//! ```text
//! <prefix>-<installation>-g<generation>-words       alias of  …-words-v1      chunks, by their words
//! <prefix>-<installation>-g<generation>-vectors     alias of  …-vectors-v1    chunks, by their vectors (Elasticsearch alone)
//! ```
//!
//! Each generation has indexes of its own, as the embedded engines have (ADR 4): scores never depend on what a caller may not read, and
//! dropping a generation is dropping an index. Everything is asked through the alias, and a write through an alias that is not there is
//! refused, so that no index ever comes into being by itself, with a mapping that nobody chose. The follower's place in the log is a
//! document of the index, so that whoever restores an index from a snapshot restores its place too.
//!
//! A write carries the number of the log's entry as its external version: one that comes late, from a process that lost its lease, can't
//! win. Nothing here needs scripts, `_reindex` or `_delete_by_query`.

mod analysis;
mod bulk;
mod client;
mod held;
mod indices;
mod layout;
mod lexical;
mod options;
mod query;
mod server;
mod vectors;
mod wire;

pub use options::{Credentials, ElasticsearchOptions};

use crate::{LexicalIndex, StoreError, VectorIndex};
pub(crate) use client::{Client, connect};
pub(crate) use server::Product;

use indices::Indices;
use layout::Kind;
use lectern_domain::ids::InstallationId;
use std::sync::Arc;

/// An Elasticsearch or an OpenSearch, as one installation uses it.
pub struct Elasticsearch {
    client: Arc<Client>,
    base: String,
}

impl Elasticsearch {
    /// Sets up connections; opens none, so that a store that is down is no obstacle to a start.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where the address, the credentials or the certificates can't be used.
    pub fn new(options: &ElasticsearchOptions, installation: InstallationId) -> Result<Self, StoreError> {
        let base = format!("{}-{}", options.prefix, installation.0.simple());
        Ok(Self { client: Arc::new(connect(options)?), base })
    }

    /// The index of words.
    pub fn lexical(&self) -> Arc<dyn LexicalIndex> {
        Arc::new(lexical::Words(self.indices(Kind::Words)))
    }

    /// The index of vectors.
    pub fn vectors(&self) -> Arc<dyn VectorIndex> {
        Arc::new(vectors::Vectors(self.indices(Kind::Vectors)))
    }

    fn indices(&self, kind: Kind) -> Indices {
        Indices::new(Arc::clone(&self.client), kind, &self.base)
    }
}
