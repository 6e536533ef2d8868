//! Which indexes an installation has.

use lectern_vector_store::{elasticsearch::ElasticsearchOptions, qdrant::QdrantOptions};

/// Where words are found.
#[derive(Debug, Clone, Default)]
pub enum LexicalStore {
    /// In this process, in the data folder.
    #[default]
    Embedded,
    /// In an Elasticsearch or an OpenSearch.
    Elasticsearch(ElasticsearchOptions),
}

/// Where vectors are found.
#[derive(Debug, Clone, Default)]
pub enum VectorStore {
    /// In this process, in the data folder.
    #[default]
    Embedded,
    /// In an Elasticsearch.
    Elasticsearch(ElasticsearchOptions),
    /// In a Qdrant.
    Qdrant(QdrantOptions),
    /// In a PostgreSQL with pgvector.
    #[cfg(feature = "postgres")]
    Pgvector(super::PgvectorOptions),
}

/// What a search does whose index of words, or of vectors, can't be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WhenDown {
    /// It goes on with the other one, and says so.
    #[default]
    Degrade,
    /// It fails.
    Fail,
}

/// The indexes.
#[derive(Debug, Clone, Default)]
pub struct StoreOptions {
    /// Words.
    pub lexical: LexicalStore,
    /// Vectors.
    pub vectors: VectorStore,
    /// What happens where one of them is down.
    pub when_down: WhenDown,
}
