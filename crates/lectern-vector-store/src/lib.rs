//! Search indexes that follow SQL.
//!
//! An index is told of chunks and vectors, generation by generation, in the order of the change log, and answers queries with the
//! ids of chunks. It owns nothing: whatever it holds can be rebuilt from SQL, and every text that is shown is read from SQL.
//! Every search takes a [`Scope`], which only `lectern_domain::access` can make.

mod brute_force;
#[cfg(not(feature = "embedded-search"))]
#[path = "absent.rs"]
pub mod embedded;
#[cfg(feature = "embedded-search")]
pub mod embedded;
mod matching;

pub use brute_force::brute_force;

use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    executor::NotRun,
    filter::Filter,
    ids::{ChunkId, DocumentId, GenerationId},
    search::Hit,
};
use serde_json::{Map, Value};
use std::{pin::Pin, sync::Arc};

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// This build has no embedded engines.
    #[error("this build has no search engine: build it with the feature embedded-search")]
    NotBuilt,
    /// Another process holds the folder's lock and follows the log; this one may only read.
    #[error("another process holds the lock of the index folder")]
    NotHolder,
    /// A vector's length is not the one that the generation pins.
    #[error("a vector of {found} components was given to an index of {expected}")]
    Dimensions {
        /// What the generation pins.
        expected: u32,
        /// What came.
        found: u32,
    },
    /// Too much is waiting, or a job of an engine panicked.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// Files could not be read or written.
    #[error("{what}")]
    Io {
        /// What was being done, with the file's path.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The engine failed.
    #[error("{what}")]
    Engine {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The future that a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What every chunk of a document has in common.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedDocument {
    /// The document.
    pub id: DocumentId,
    /// The id by which the outside knows it.
    pub external_id: String,
    /// Its title.
    pub title: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// The metadata fields that its collection declares as filterable.
    pub metadata: Map<String, Value>,
}

/// A chunk for a lexical index.
#[derive(Debug, Clone, PartialEq)]
pub struct LexicalEntry {
    /// Its id.
    pub chunk: ChunkId,
    /// Its document.
    pub document: Arc<IndexedDocument>,
    /// The headings above it.
    pub heading: String,
    /// Its text.
    pub text: String,
}

/// A chunk for a vector index.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorEntry {
    /// Its id.
    pub chunk: ChunkId,
    /// Its document.
    pub document: Arc<IndexedDocument>,
    /// Its vector, of the length that the generation's model has.
    pub vector: Vec<f32>,
}

/// Changes to one generation. Removes come first; a put replaces what stands under its id. Applying a batch twice is applying it once.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<Entry> {
    /// Chunks that are gone.
    pub removes: Vec<ChunkId>,
    /// Chunks that are there.
    pub puts: Vec<Entry>,
}

impl<Entry> Default for Batch<Entry> {
    fn default() -> Self {
        Self { removes: Vec::new(), puts: Vec::new() }
    }
}

/// A question to a lexical index.
#[derive(Debug, Clone, PartialEq)]
pub struct LexicalQuery {
    /// The question, as it was asked: every sign in it is text, nothing is an operator.
    pub text: String,
    /// The most hits.
    pub limit: usize,
    /// What a hit must satisfy.
    pub filter: Option<Filter>,
    /// External ids or chunk ids (as text) to put on top where they are in the scope.
    pub prefer: Vec<String>,
    /// Whether words that are nearly the question's count too; lowers precision, so off unless asked for.
    pub fuzzy: bool,
}

/// A question to a vector index.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorQuery {
    /// The question's vector.
    pub vector: Vec<f32>,
    /// The most hits.
    pub limit: usize,
    /// What a hit must satisfy.
    pub filter: Option<Filter>,
}

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It is empty, new or unreadable: fill it from the tables.
    Empty,
    /// It holds everything up to this entry of its collection's log.
    At(Cursor),
}

/// An index of words.
///
/// One task at a time follows the log for a generation; searches may run beside it. After an error of `apply` or `commit`, what was applied
/// since the last commit may be lost: ask for the `position` and go on from there. A search returns at most 10,000 hits.
pub trait LexicalIndex: Send + Sync {
    /// The best hits over all generations of the scope, best first.
    fn search<'a>(&'a self, scope: &'a Scope, query: &'a LexicalQuery) -> StoreFuture<'a, Vec<Hit>>;
    /// Applies changes; they are visible and durable only after `commit`.
    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<LexicalEntry>) -> StoreFuture<'a, ()>;
    /// Makes what was applied visible and durable together with the cursor, and returns the durable cursor.
    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Cursor>;
    /// How far the index has come, as this process sees it.
    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position>;
    /// Empties the index of a generation, before it is filled anew.
    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()>;
    /// Drops the index of a generation that is no longer there.
    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()>;
}

/// An index of vectors (cosine distance). A generation without a model has no vectors: it is skipped by `search`.
///
/// One task at a time follows the log for a generation; searches may run beside it. A batch with a vector of another length, or with a
/// component that is not a finite number, is refused as a whole. A search returns at most 10,000 hits; all generations of its scope that have
/// a model must have the query's dimensions.
pub trait VectorIndex: Send + Sync {
    /// The nearest chunks over all generations of the scope, nearest first; the score is the cosine similarity.
    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>>;
    /// Applies changes and makes them visible; they are durable once a later `commit` or `flush` returns their cursor.
    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<VectorEntry>) -> StoreFuture<'a, ()>;
    /// Tells the index that everything up to the cursor was applied. Returns the durable cursor, which may lie before it (none: nothing yet).
    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Option<Cursor>>;
    /// Makes everything durable, at a shut-down or where somebody waits for it, and returns the durable cursor.
    fn flush<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Option<Cursor>>;
    /// How far the index has come, as this process sees it.
    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position>;
    /// Empties the index of a generation, before it is filled anew.
    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()>;
    /// Drops the index of a generation that is no longer there.
    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()>;
}
