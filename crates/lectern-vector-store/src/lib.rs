//! Search indexes that follow SQL.
//!
//! An index is told of chunks and vectors, generation by generation, in the order of the change log, and answers queries with the
//! ids of chunks. It owns nothing: whatever it holds can be rebuilt from SQL, and every text that is shown is read from SQL.
//! Every search takes a [`Scope`], which only `lectern_domain::access` can make.

mod brute_force;
pub mod elasticsearch;
#[cfg(not(feature = "embedded-search"))]
#[path = "absent.rs"]
pub mod embedded;
#[cfg(feature = "embedded-search")]
pub mod embedded;
mod entry;
mod error;
mod matching;
pub mod qdrant;
mod ranking;
mod rest;
pub mod seed;
mod words;

pub use brute_force::{best_first, brute_force, length, unit};
pub use entry::{
    Batch, Held, IndexedDocument, LexicalEntry, LexicalQuery, Near, Rejected, Snapshot, VectorEntry, VectorQuery, check_vectors,
};
pub use error::StoreError;
pub use ranking::page;

use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use std::pin::Pin;

/// The future that a store's methods return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// It is empty, new or unreadable: fill it from the tables.
    Empty,
    /// It holds everything up to this entry of its collection's log.
    At(Cursor),
}

impl Position {
    /// The place in the log, if it has one.
    pub fn cursor(self) -> Option<Cursor> {
        match self {
            Self::At(cursor) => Some(cursor),
            Self::Empty => None,
        }
    }
}

/// An index of words.
///
/// One task at a time follows the log for a generation; searches may run beside it. After an error of `apply` or `commit`, what was applied
/// since the last commit may be lost: ask for the `position` and go on from there. A search returns at most 10,000 hits.
pub trait LexicalIndex: Send + Sync {
    /// Whether the store, and what is there of these generations, is what this program expects.
    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()>;
    /// The best hits over all generations of the scope, best first.
    fn search<'a>(&'a self, scope: &'a Scope, query: &'a LexicalQuery) -> StoreFuture<'a, Vec<Hit>>;
    /// Applies changes, which are visible and durable after `commit`, and tells what the index does not take.
    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<LexicalEntry>) -> StoreFuture<'a, Vec<Rejected>>;
    /// Makes what was applied visible and durable together with the cursor, and returns the durable cursor.
    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Cursor>;
    /// How far the index has come, as this process sees it.
    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position>;
    /// The chunks that the index holds, in the order of their ids, from after `after`: at most `limit`, which is taken as 1 to 10,000, and none
    /// only where there are no more. They are what a search finds now, so pages that are read while somebody writes tell of several moments.
    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>>;
    /// Empties the index of a generation, before it is filled anew.
    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()>;
    /// Drops the index of a generation that is no longer there.
    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()>;
}

/// An index of vectors (cosine distance). A generation without a model has no vectors: it is skipped by `search`.
///
/// One task at a time follows the log for a generation; searches may run beside it. A batch with a vector of another length, or with a
/// component that is not a finite number, is refused as a whole; a vector of length zero is near nothing, and may not be kept at all. A search returns at most 10,000 hits; all generations of its scope that have
/// a model must have the query's dimensions.
pub trait VectorIndex: Send + Sync {
    /// The longest vectors that it takes.
    fn most_dimensions(&self) -> u32 {
        u32::MAX
    }
    /// Whether the store, and what is there of these generations, is what this program expects.
    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()>;
    /// The nearest chunks over all generations of the scope, nearest first; the score is the cosine similarity.
    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>>;
    /// Applies changes, which are visible after `commit` and durable once a `commit` or `flush` returns their cursor, and tells what the
    /// index does not take.
    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<VectorEntry>) -> StoreFuture<'a, Vec<Rejected>>;
    /// Tells the index that everything up to the cursor was applied. Returns the durable cursor, which may lie before it (none: nothing yet).
    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Option<Cursor>>;
    /// Makes everything durable, at a shut-down or where somebody waits for it, and returns the durable cursor. Unless it says otherwise, an
    /// index is as durable as it is far.
    fn flush<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Option<Cursor>> {
        Box::pin(async move { Ok(self.position(generation).await?.cursor()) })
    }
    /// How far the index has come, as this process sees it.
    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position>;
    /// The chunks that the index holds, in the order of their ids, from after `after`: at most `limit`, which is taken as 1 to 10,000, and none
    /// only where there are no more. They are what a search finds now, so pages that are read while somebody writes tell of several moments.
    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>>;
    /// Has the store make a backup of a generation's index, and keep it; none where nothing is there. An index is made again from SQL without one:
    /// a large one is there sooner with it.
    ///
    /// Fails with [`StoreError::Mismatch`] where the store makes no such backups.
    fn snapshot<'a>(&'a self, _: &'a Generation) -> StoreFuture<'a, Option<Snapshot>> {
        let why = "the store of the vectors makes no snapshots, as a Qdrant does: what it holds is made again from the database";
        Box::pin(async move { Err(StoreError::Mismatch(why.to_owned())) })
    }
    /// Empties the index of a generation, before it is filled anew.
    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()>;
    /// Drops the index of a generation that is no longer there.
    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()>;
}
