//! Vectors: one usearch graph for each generation, held in memory by the process that follows, and mapped from its last snapshot by others.

mod footer;
mod gate;
mod graph;
mod header;
mod place;
mod search;
mod shelf;
mod snapshot;
mod table;

use super::shared::Shared;
use crate::{Batch, Held, Position, Rejected, StoreFuture, VectorEntry, VectorIndex, VectorQuery, ranking::page};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use shelf::Shelf;
use std::sync::Arc;

/// The vectors of a folder.
pub(crate) struct EmbeddedVectors {
    shared: Arc<Shared>,
    shelf: Arc<Shelf>,
}

impl EmbeddedVectors {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shelf: Arc::new(Shelf::new(Arc::clone(&shared))), shared }
    }

    /// Forgets what is open, so that it is read anew in another role.
    pub(crate) fn reopen(&self) {
        self.shelf.reopen();
    }
}

impl VectorIndex for EmbeddedVectors {
    /// Whatever can't be read here counts as empty.
    fn check<'a>(&'a self, _: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>> {
        let (shelf, scope, query) = (Arc::clone(&self.shelf), scope.clone(), query.clone());
        self.shared.blocking(move || shelf.search(&scope, &query))
    }

    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<VectorEntry>) -> StoreFuture<'a, Vec<Rejected>> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.apply(&generation, batch).map(|()| Vec::new()))
    }

    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Option<Cursor>> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.commit(&generation, cursor))
    }

    fn flush<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Option<Cursor>> {
        let (shelf, generation) = (Arc::clone(&self.shelf), generation.clone());
        self.shared.changing(move || shelf.flush(&generation))
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
