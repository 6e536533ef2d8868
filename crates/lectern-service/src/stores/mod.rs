//! The indexes of an installation: which engines they are, where they are, and what it takes to follow the log for them.

mod open;
mod options;
#[cfg(feature = "postgres")]
pub(crate) mod pgvector;

pub(crate) use open::{Right, Stores};
pub use options::{LexicalStore, StoreOptions, VectorStore, WhenDown};
#[cfg(feature = "postgres")]
pub use pgvector::{Pgvector, PgvectorOptions};

/// Elasticsearch and OpenSearch, as the programs describe them.
pub use lectern_vector_store::elasticsearch::{Credentials, ElasticsearchOptions};

/// Where texts and vectors of another program are.
pub use lectern_vector_store::seed::SeedPlace;

/// Qdrant, as the programs describe it.
pub use lectern_vector_store::qdrant::{QdrantOptions, Quantization};
