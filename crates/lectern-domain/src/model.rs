//! Embedding models, as a generation pins them.

use crate::ids::ModelId;

/// What makes two vectors comparable: they come from the same revision of the same model and have the same length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmbeddingModelSpec {
    /// The model's name, as its provider knows it.
    pub name: String,
    /// The revision: a digest of the weights for a local model, what the provider says (or nothing) for a remote one.
    pub revision: String,
    /// The number of components of a vector.
    pub dimensions: u32,
}

/// An embedding model that the database knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingModel {
    /// Its id in this database.
    pub id: ModelId,
    /// What identifies it.
    pub spec: EmbeddingModelSpec,
}
