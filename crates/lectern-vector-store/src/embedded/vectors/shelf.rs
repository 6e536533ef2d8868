//! The vectors of a folder, opened on demand.

use super::{graph::Graph, place::Place, search, snapshot};
use crate::{
    Batch, Held, Near, Position, StoreError, VectorEntry, VectorQuery,
    brute_force::{best_first, length},
    check_vectors,
    embedded::{
        files::{create_folder, discard, engine_error},
        shared::{Shared, lock},
    },
};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    model::EmbeddingModelSpec,
    search::Hit,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// The vectors of all generations.
pub(crate) struct Shelf {
    shared: Arc<Shared>,
    places: Mutex<HashMap<GenerationId, Arc<Place>>>,
}

fn spec(generation: &Generation) -> Option<&EmbeddingModelSpec> {
    generation.model.as_ref().map(|model| &model.spec)
}

impl Shelf {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, places: Mutex::default() }
    }

    fn place(&self, generation: GenerationId) -> Arc<Place> {
        let mut places = lock(&self.places);
        let new = || Arc::new(Place::new(self.shared.generation(generation).join("vectors"), &self.shared.options));
        Arc::clone(places.entry(generation).or_insert_with(new))
    }

    fn current(&self, place: &Place, generation: &Generation) -> Option<Arc<Graph>> {
        place.current(generation, spec(generation)?, self.shared.role(), &self.shared.options)
    }

    pub(crate) fn search(&self, scope: &Scope, query: &VectorQuery) -> Result<Vec<Hit>, StoreError> {
        let Near { generations, limit } = query.near(scope)?;
        let query = VectorQuery { limit, ..query.clone() };
        let mut hits = Vec::new();
        for generation in generations {
            let place = self.place(generation.id);
            if let Some(graph) = self.current(&place, generation) {
                let _pass = place.gate.enter();
                let found = search::search(&graph, &query, self.shared.options.exact_below);
                hits.extend(found.map_err(|error| engine_error("search the vectors in", &place.path, error))?);
            }
        }
        best_first(&mut hits);
        hits.truncate(limit);
        Ok(hits)
    }

    pub(crate) fn apply(&self, generation: &Generation, batch: Batch<VectorEntry>) -> Result<(), StoreError> {
        let Some(spec) = spec(generation) else {
            let refused = |entry: &VectorEntry| StoreError::Dimensions { expected: 0, found: length(&entry.vector) };
            return batch.puts.first().map_or(Ok(()), |entry| Err(refused(entry)));
        };
        let place = self.place(generation.id);
        let _writing = lock(&place.writing);
        let graph = match self.current(&place, generation) {
            Some(graph) => graph,
            None => Arc::new(Graph::empty(spec.clone(), &self.shared.options, &place.path)?),
        };
        check_vectors(&batch.puts, spec.dimensions)?;
        place.show(Arc::clone(&graph));
        let failed = |error| engine_error("change the vectors in", &place.path, error);
        for chunk in batch.removes {
            graph.remove(chunk).map_err(failed)?;
        }
        for entry in batch.puts {
            graph.remove(entry.chunk).map_err(failed)?;
            graph.add(&entry, &self.shared.options).map_err(failed)?;
        }
        Ok(())
    }

    pub(crate) fn commit(&self, generation: &Generation, cursor: Cursor) -> Result<Option<Cursor>, StoreError> {
        let Some(spec) = spec(generation) else { return Ok(None) };
        let place = self.place(generation.id);
        let _writing = lock(&place.writing);
        let graph = match self.current(&place, generation) {
            Some(graph) => graph,
            None => Arc::new(Graph::empty(spec.clone(), &self.shared.options, &place.path)?),
        };
        place.show(Arc::clone(&graph));
        let progress = {
            let mut progress = graph.progress();
            progress.cursor = Some(cursor);
            *progress
        };
        let enough = self.shared.options.snapshot_after.max(graph.table().len() / 10);
        if progress.changed >= enough {
            return self.write(generation, &place, &graph).map(Some);
        }
        Ok(progress.durable)
    }

    pub(crate) fn flush(&self, generation: &Generation) -> Result<Option<Cursor>, StoreError> {
        let place = self.place(generation.id);
        let _writing = lock(&place.writing);
        let Some(graph) = self.current(&place, generation) else { return Ok(None) };
        let progress = *graph.progress();
        if progress.cursor.is_some() && (progress.changed > 0 || progress.cursor != progress.durable) {
            return self.write(generation, &place, &graph).map(Some);
        }
        Ok(progress.durable)
    }

    /// Writes the snapshot at the cursor that was committed last. What was applied after it is in there too, and applied again changes nothing.
    fn write(&self, generation: &Generation, place: &Place, graph: &Graph) -> Result<Cursor, StoreError> {
        let Some(cursor) = graph.progress().cursor else { return Err(StoreError::NotHolder) };
        create_folder(&self.shared.generation(generation.id))?;
        snapshot::write(&place.path, generation, graph, cursor)?;
        let mut progress = graph.progress();
        progress.durable = Some(cursor);
        progress.changed = 0;
        Ok(cursor)
    }

    pub(crate) fn position(&self, generation: &Generation) -> Result<Position, StoreError> {
        let place = self.place(generation.id);
        let cursor = self.current(&place, generation).and_then(|graph| graph.progress().cursor);
        Ok(cursor.map_or(Position::Empty, Position::At))
    }

    pub(crate) fn held(&self, generation: &Generation, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, StoreError> {
        let place = self.place(generation.id);
        Ok(self.current(&place, generation).map_or_else(Vec::new, |graph| graph.table().held(after, limit)))
    }

    pub(crate) fn clear(&self, generation: &Generation) -> Result<(), StoreError> {
        let place = self.place(generation.id);
        let _writing = lock(&place.writing);
        place.hide();
        if self.shared.generation(generation.id).exists() {
            discard(&place.path)?;
        }
        if let Some(spec) = spec(generation) {
            place.show(Arc::new(Graph::empty(spec.clone(), &self.shared.options, &place.path)?));
        }
        Ok(())
    }

    pub(crate) fn drop_generation(&self, generation: GenerationId) -> Result<(), StoreError> {
        let place = self.place(generation);
        let _writing = lock(&place.writing);
        place.hide();
        lock(&self.places).remove(&generation);
        if self.shared.generation(generation).exists() {
            discard(&place.path)?;
            // Goes when the other engine's part has gone too.
            let _ = std::fs::remove_dir(self.shared.generation(generation));
        }
        Ok(())
    }

    /// Forgets what is open, so that it is read anew.
    pub(crate) fn reopen(&self) {
        lock(&self.places).clear();
    }
}
