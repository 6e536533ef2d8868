//! Searching: both engines at once, merged by rank, and every row read from SQL before it is shown.

mod chunks;
mod find;
mod hydrate;
mod index;
mod semantic;
mod sheets;
mod tail;

pub use chunks::chunks;
pub use find::{SearchRequest, search};
pub use index::{Index, IndexHit, IndexQuery, index};
pub use sheets::sheets;

use lectern_domain::search::Method;
pub use lectern_persistence::repo::chunks::VisibleChunk;

/// A passage that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The passage, as it is in SQL now.
    pub chunk: VisibleChunk,
    /// Its score; comparable within one answer only.
    pub score: f32,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// How it searched: a hybrid search without a model is a lexical one.
    pub method: Method,
    /// The passages, best first.
    pub passages: Vec<Found>,
}
