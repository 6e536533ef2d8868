//! Where the stores are, as both processes are told.

use crate::support::METHODS;
use lectern_domain::search::Method;
use lectern_service::stores::{ElasticsearchOptions, LexicalStore, PgvectorOptions, QdrantOptions, StoreOptions, VectorStore};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A store behind an address, with what its names begin with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct At {
    pub(super) url: String,
    pub(super) prefix: String,
}

/// Where the vectors are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) enum Vectors {
    #[default]
    Embedded,
    Elasticsearch(At),
    Qdrant(At),
    /// The URL of the database.
    Pgvector(String),
}

/// Where the stores are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Places {
    /// A search server for words; none for the embedded index.
    pub(super) words: Option<At>,
    pub(super) vectors: Vectors,
}

impl Places {
    /// By which methods a process that does not follow finds everything, once it is followed. The latest vectors of a folder are in the memory
    /// of who holds it.
    pub(super) fn seen(&self) -> &'static [Method] {
        match self.vectors {
            Vectors::Embedded => &[Method::Lexical],
            _ => &METHODS,
        }
    }

    /// The stores, each of whose searches may take so long.
    pub(super) fn options(&self, timeout: Duration) -> StoreOptions {
        let server = |At { url, prefix }: &At| ElasticsearchOptions { prefix: prefix.clone(), timeout, ..ElasticsearchOptions::new(url) };
        let lexical = self.words.as_ref().map_or(LexicalStore::Embedded, |at| LexicalStore::Elasticsearch(server(at)));
        let vectors = match &self.vectors {
            Vectors::Embedded => VectorStore::Embedded,
            Vectors::Elasticsearch(at) => VectorStore::Elasticsearch(server(at)),
            Vectors::Qdrant(At { url, prefix }) => {
                VectorStore::Qdrant(QdrantOptions { prefix: prefix.clone(), timeout, ..QdrantOptions::new(url) })
            }
            Vectors::Pgvector(url) => VectorStore::Pgvector(PgvectorOptions { url: url.clone(), connections: 2, timeout }),
        };
        StoreOptions { lexical, vectors, ..StoreOptions::default() }
    }
}
