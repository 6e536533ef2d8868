//! Qdrant 1.12 and newer, over its REST interface.
//!
//! ```text
//! <prefix>-<installation>-g<generation>-vectors     alias of  …-vectors-v1    chunks, by their vectors
//! ```
//!
//! Each generation has a collection of its own (ADR 4). A point is a chunk: its id is the chunk's, its vector is named `embedding`, its payload
//! has what filters look at (`facts`, `order`), what people look for (`sid`, `source`, `document`), the digest, and in `seq` the number of the log's entry
//! that it came with. Point 0 has no vector, so that no search finds it: it holds the follower's place and tells what the collection was
//! made for. It is written last, so a collection without it is one that was not finished.
//!
//! A removal is a deletion on the condition that `seq` is lower, which the store checks as it deletes. A put has no condition in these
//! versions: the numbers that are there are read just before it, and what is newer there is left out. A process that lost its lease between the
//! two can still write an old vector; it harms no answer, since rows are read from SQL, and the comparison with SQL finds it (ADR 15).
//!
//! The alias is for people and their tools: Lectern asks for collections by their names.

mod client;
mod collections;
mod held;
mod layout;
mod options;
mod order;
mod points;
mod query;
mod vectors;

pub(crate) use client::{Client, connect};
pub use options::{QdrantOptions, Quantization};

use crate::{StoreError, VectorIndex};
use collections::Collections;
use lectern_domain::ids::InstallationId;
use std::sync::Arc;

/// A Qdrant, as one installation uses it.
pub struct Qdrant {
    collections: Arc<Collections>,
}

impl Qdrant {
    /// Sets up connections; opens none, so that a store that is down is no obstacle to a start.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where the address, the key or the certificates can't be used.
    pub fn new(options: &QdrantOptions, installation: InstallationId) -> Result<Self, StoreError> {
        Ok(Self { collections: Arc::new(Collections::new(options, installation)?) })
    }

    /// The index of vectors.
    pub fn vectors(&self) -> Arc<dyn VectorIndex> {
        Arc::new(vectors::Vectors(Arc::clone(&self.collections)))
    }
}
