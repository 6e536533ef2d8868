//! Where the stores are, as both processes are told.

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
    pub(super) fn options(&self) -> StoreOptions {
        let timeout = Duration::from_secs(1);
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
