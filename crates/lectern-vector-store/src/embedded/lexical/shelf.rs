//! The lexical indexes of a folder, opened on demand.

use super::{
    held,
    opened::{self, Opened},
    payload,
    place::{Place, Writing},
    search,
};
use crate::{
    Batch, Held, LexicalEntry, LexicalQuery, Position, StoreError,
    embedded::{
        files::{discard, engine_error},
        shared::{Shared, lock},
    },
    ranking::{self, Found, MOST_HITS},
};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tantivy::TantivyError;

/// The most writers that stay open; each has threads, and memory while it is filled.
const MOST_WRITERS: usize = 2;

/// The indexes of a folder.
pub(crate) struct Shelf {
    shared: Arc<Shared>,
    places: Mutex<HashMap<GenerationId, Arc<Place>>>,
    /// Whose writers are open, the one used last at the end.
    writers: Mutex<Vec<Arc<Place>>>,
}

impl Shelf {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, places: Mutex::default(), writers: Mutex::default() }
    }

    fn place(&self, generation: GenerationId) -> Arc<Place> {
        let mut places = lock(&self.places);
        let place = places.entry(generation).or_insert_with(|| Arc::new(Place::new(self.shared.generation(generation).join("lexical"))));
        Arc::clone(place)
    }

    pub(crate) fn search(&self, scope: &Scope, query: &LexicalQuery) -> Result<Vec<Hit>, StoreError> {
        let query = LexicalQuery { limit: query.limit.min(MOST_HITS), ..query.clone() };
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        let mut found: Vec<Found> = Vec::new();
        for generation in scope.generations() {
            let place = self.place(generation.id);
            if let Some(opened) = place.current(generation, self.shared.role()) {
                found
                    .push(search::search(&opened, &query).map_err(|error| opened::failed("search the lexical index", &place.path, error))?);
            }
        }
        Ok(ranking::merge(found, query.limit))
    }

    pub(crate) fn apply(&self, generation: &Generation, batch: Batch<LexicalEntry>) -> Result<(), StoreError> {
        self.change(generation, |writing, opened, _| {
            let searcher = opened.reader.searcher();
            let Writing { writer: Some(writer), uncommitted, dirty, .. } = writing else { return Ok(()) };
            *dirty = true;
            for chunk in batch.removes {
                uncommitted.insert(chunk);
                writer.delete_term(opened.fields.id_term(chunk));
            }
            for entry in batch.puts {
                let id = opened.fields.id_term(entry.chunk);
                // Most chunks are new, and looking that up is cheaper than a removal that finds nothing. What is put again as it is stays as
                // it is: the engine counts replaced documents in its scores until their segment is merged.
                let replaces = match uncommitted.insert(entry.chunk) {
                    true => match held::of_chunk(&searcher, opened.fields, entry.chunk)? {
                        Some(held) if held.digest == Some(entry.digest()) => continue,
                        held => held.is_some(),
                    },
                    false => true,
                };
                if replaces {
                    writer.delete_term(id);
                }
                writer.add_document(opened.fields.document(&entry))?;
            }
            Ok(())
        })
    }

    pub(crate) fn commit(&self, generation: &Generation, cursor: Cursor) -> Result<Cursor, StoreError> {
        let path = self.place(generation.id).path.clone();
        let text = payload::encode(generation.id, generation.language, cursor).map_err(|error| engine_error("describe", &path, error))?;
        self.change(generation, |writing, opened, place| {
            let Some(writer) = writing.writer.as_mut() else { return Ok(cursor) };
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&text);
            prepared.commit()?;
            writing.dirty = false;
            writing.rebuilding = false;
            writing.uncommitted = Default::default();
            let stamp = opened::stamp(&place.path);
            opened.reader.reload()?;
            place.show(opened.at(Some(cursor), stamp));
            Ok(cursor)
        })
    }

    /// Runs `work` with an open writer. After an error nothing is committed until the follower has asked for the position.
    fn change<T>(
        &self,
        generation: &Generation,
        work: impl FnOnce(&mut Writing, &Opened, &Place) -> Result<T, TantivyError>,
    ) -> Result<T, StoreError> {
        let place = self.place(generation.id);
        let mut writing = lock(&place.writing);
        writing.refuse_after_loss(&place)?;
        let opened = match place.current(generation, self.shared.role()) {
            Some(opened) => opened,
            None => {
                writing.rebuilding = true;
                place.show(opened::create(&place.path, generation)?)
            }
        };
        writing.writer(&opened, &place, &self.shared.options)?;
        self.note_writer(&place);
        work(&mut writing, &opened, &place).map_err(|error| {
            writing.dirty = true;
            writing.close(&place);
            opened::failed("write to the lexical index", &place.path, error)
        })
    }

    /// Keeps the number of open writers down: the one that was not used for the longest time goes, unless it has something to commit.
    fn note_writer(&self, place: &Arc<Place>) {
        let mut writers = lock(&self.writers);
        writers.retain(|other| !Arc::ptr_eq(other, place));
        let mut at = 0;
        while writers.len() >= MOST_WRITERS && at < writers.len() {
            let idle = match writers[at].writing.try_lock() {
                Ok(mut writing) if !writing.dirty => {
                    writing.close(&writers[at]);
                    true
                }
                _ => false,
            };
            if idle {
                writers.remove(at);
            } else {
                at += 1;
            }
        }
        writers.push(Arc::clone(place));
    }

    pub(crate) fn position(&self, generation: &Generation) -> Result<Position, StoreError> {
        let place = self.place(generation.id);
        lock(&place.writing).lost = false;
        let cursor = place.current(generation, self.shared.role()).and_then(|opened| opened.cursor);
        Ok(cursor.map_or(Position::Empty, Position::At))
    }

    pub(crate) fn held(&self, generation: &Generation, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, StoreError> {
        let place = self.place(generation.id);
        let Some(opened) = place.current(generation, self.shared.role()) else { return Ok(Vec::new()) };
        held::held(&opened, after, limit).map_err(|error| opened::failed("list the lexical index", &place.path, error))
    }

    pub(crate) fn clear(&self, generation: &Generation) -> Result<(), StoreError> {
        let place = self.place(generation.id);
        let mut writing = lock(&place.writing);
        writing.close(&place);
        place.hide();
        place.show(opened::create(&place.path, generation)?);
        *writing = Writing { rebuilding: true, ..Writing::default() };
        Ok(())
    }

    pub(crate) fn drop_generation(&self, generation: GenerationId) -> Result<(), StoreError> {
        let place = self.place(generation);
        let mut writing = lock(&place.writing);
        writing.close(&place);
        place.hide();
        *writing = Writing::default();
        lock(&self.writers).retain(|other| !Arc::ptr_eq(other, &place));
        lock(&self.places).remove(&generation);
        discard(&place.path)?;
        // Goes when the other engine's part has gone too.
        let _ = std::fs::remove_dir(self.shared.generation(generation));
        Ok(())
    }

    /// Forgets what is open; writers are closed.
    pub(crate) fn reopen(&self) {
        let places: Vec<_> = lock(&self.places).drain().map(|(_, place)| place).collect();
        lock(&self.writers).clear();
        for place in places {
            lock(&place.writing).close(&place);
        }
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.reopen();
    }
}
