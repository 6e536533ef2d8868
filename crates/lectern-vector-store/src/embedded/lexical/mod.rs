//! Words: one tantivy index for each generation, so that a score never depends on documents that the caller can't read.

mod analyser;
mod fuzzy;
mod held;
mod opened;
mod payload;
mod place;
mod query;
mod schema;
mod search;
mod shelf;

use super::shared::Shared;
use crate::{Batch, Held, LexicalEntry, LexicalIndex, LexicalQuery, Position, Rejected, StoreFuture, ranking::page};
pub(crate) use analyser::Analyser;
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use shelf::Shelf;
use std::sync::Arc;

/// The lexical indexes of a folder.
pub(crate) struct EmbeddedLexical {
    shared: Arc<Shared>,
    shelf: Arc<Shelf>,
}

impl EmbeddedLexical {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shelf: Arc::new(Shelf::new(Arc::clone(&shared))), shared }
    }

    /// Forgets what is open, so that it is read anew in another role.
    pub(crate) fn reopen(&self) {
        self.shelf.reopen();
    }
}

impl LexicalIndex for EmbeddedLexical {
    /// Whatever can't be read here counts as empty.
    fn check<'a>(&'a self, _: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a LexicalQuery) -> StoreFuture<'a, Vec<Hit>> {
        let (shelf, scope, query) = (Arc::clone(&self.shelf), scope.clone(), query.clone());
        self.shared.blocking(move || shelf.search(&scope, &query))
    }

    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<LexicalEntry>) -> StoreFuture<'a, Vec<Rejected>> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.apply(&generation, batch).map(|()| Vec::new()))
    }

    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Cursor> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.commit(&generation, cursor))
    }

    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.blocking(move || shelf.position(&generation))
    }

    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.blocking(move || shelf.held(&generation, after, page(limit)))
    }

    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.clear(&generation))
    }

    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()> {
        let shelf = Arc::clone(&self.shelf);
        self.shared.changing(move || shelf.drop_generation(generation))
    }
}
