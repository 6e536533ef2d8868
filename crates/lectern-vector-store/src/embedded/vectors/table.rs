//! What stands behind the graph's keys: which chunk of which document.

use crate::{Held, IndexedDocument};
use lectern_domain::{
    digest::Digest,
    filter::Filter,
    ids::{ChunkId, DocumentId},
};
use std::{
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

/// A chunk and its document's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) chunk: ChunkId,
    pub(crate) document: u32,
    /// The digest of the entry.
    pub(crate) digest: Digest,
}

/// A document and how many of its chunks are there.
#[derive(Debug, Clone)]
struct Shelved {
    document: Arc<IndexedDocument>,
    chunks: u32,
}

/// Dense keys from 0, the chunks behind them, and their documents, each held once.
#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    by_chunk: HashMap<ChunkId, u32>,
    documents: Vec<Option<Shelved>>,
    free_documents: Vec<u32>,
    by_document: HashMap<DocumentId, u32>,
}

impl Table {
    /// How many chunks there are.
    pub(crate) fn len(&self) -> usize {
        self.by_chunk.len()
    }

    pub(crate) fn key(&self, chunk: ChunkId) -> Option<u32> {
        self.by_chunk.get(&chunk).copied()
    }

    pub(crate) fn slot(&self, key: u64) -> Option<Slot> {
        usize::try_from(key).ok().and_then(|key| self.slots.get(key).copied().flatten())
    }

    /// All keys, each with what stands there.
    pub(crate) fn slots(&self) -> &[Option<Slot>] {
        &self.slots
    }

    /// All documents; none where a place is free.
    pub(crate) fn documents(&self) -> impl ExactSizeIterator<Item = Option<&IndexedDocument>> {
        self.documents.iter().map(|shelved| shelved.as_ref().map(|shelved| &*shelved.document))
    }

    /// A key that is free.
    pub(crate) fn free_key(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        })
    }

    /// Gives back a key that was not used after all.
    pub(crate) fn give_back(&mut self, key: u32) {
        self.free.push(key);
    }

    /// Puts a chunk under a free key.
    pub(crate) fn insert(&mut self, key: u32, chunk: ChunkId, digest: Digest, document: &Arc<IndexedDocument>) {
        let place = self.shelve(document);
        if let Some(shelved) = &mut self.documents[place as usize] {
            shelved.chunks += 1;
        }
        self.slots[key as usize] = Some(Slot { chunk, document: place, digest });
        self.by_chunk.insert(chunk, key);
    }

    /// Removes a chunk and frees its key.
    pub(crate) fn remove(&mut self, chunk: ChunkId) -> Option<u32> {
        let key = self.by_chunk.remove(&chunk)?;
        self.free.push(key);
        let place = self.slots[key as usize].take()?.document;
        if let Some(shelved) = &mut self.documents[place as usize] {
            shelved.chunks -= 1;
            if shelved.chunks == 0 {
                if self.by_document.get(&shelved.document.id) == Some(&place) {
                    self.by_document.remove(&shelved.document.id);
                }
                self.documents[place as usize] = None;
                self.free_documents.push(place);
            }
        }
        Some(key)
    }

    /// The place of a document as it is; another version of it, with other attributes, has a place of its own.
    fn shelve(&mut self, document: &Arc<IndexedDocument>) -> u32 {
        if let Some(&place) = self.by_document.get(&document.id)
            && let Some(shelved) = &self.documents[place as usize]
            && (Arc::ptr_eq(&shelved.document, document) || shelved.document == *document)
        {
            return place;
        }
        let shelved = Some(Shelved { document: Arc::clone(document), chunks: 0 });
        let place = match self.free_documents.pop() {
            Some(place) => {
                self.documents[place as usize] = shelved;
                place
            }
            None => {
                self.documents.push(shelved);
                (self.documents.len() - 1) as u32
            }
        };
        self.by_document.insert(document.id, place);
        place
    }

    /// Which documents pass a filter, by place, and how many chunks they have.
    pub(crate) fn passing(&self, filter: &Filter) -> (Vec<bool>, usize) {
        let mut chunks = 0;
        let passing = self.documents.iter().map(|shelved| {
            let passing = shelved.as_ref().filter(|shelved| shelved.document.passes(filter));
            chunks += passing.map_or(0, |shelved| shelved.chunks as usize);
            passing.is_some()
        });
        (passing.collect(), chunks)
    }

    /// The chunks after `after` in the order of their ids, at most `limit`.
    pub(crate) fn held(&self, after: Option<ChunkId>, limit: usize) -> Vec<Held> {
        let mut first: BinaryHeap<(ChunkId, Digest)> = BinaryHeap::with_capacity(limit + 1);
        for slot in self.slots.iter().flatten().filter(|slot| after.is_none_or(|after| slot.chunk > after)) {
            if first.len() < limit || first.peek().is_some_and(|(last, _)| slot.chunk < *last) {
                first.push((slot.chunk, slot.digest));
            }
            if first.len() > limit {
                first.pop();
            }
        }
        first.into_sorted_vec().into_iter().map(|(chunk, digest)| Held { chunk, digest: Some(digest) }).collect()
    }

    /// Restores a table from what [`Self::slots`] and [`Self::documents`] gave. None where they do not fit together.
    pub(crate) fn restore(slots: Vec<Option<Slot>>, documents: Vec<Option<IndexedDocument>>) -> Option<Self> {
        let documents: Vec<Option<Shelved>> =
            documents.into_iter().map(|document| document.map(|document| Shelved { document: Arc::new(document), chunks: 0 })).collect();
        let mut table = Self { documents, by_chunk: HashMap::with_capacity(slots.len()), ..Self::default() };
        for (key, slot) in slots.iter().enumerate() {
            let key = u32::try_from(key).ok()?;
            let Some(slot) = slot else {
                table.free.push(key);
                continue;
            };
            table.documents.get_mut(slot.document as usize)?.as_mut()?.chunks += 1;
            if table.by_chunk.insert(slot.chunk, key).is_some() {
                return None;
            }
        }
        for (place, shelved) in table.documents.iter().enumerate() {
            match shelved {
                Some(shelved) => drop(table.by_document.insert(shelved.document.id, place as u32)),
                None => table.free_documents.push(place as u32),
            }
        }
        table.slots = slots;
        Some(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_domain::filter::Field;
    use serde_json::{Map, Value};
    use uuid::Uuid;

    fn document(id: i32, source: &str) -> Arc<IndexedDocument> {
        let source = Some(source.to_owned());
        Arc::new(IndexedDocument { id: DocumentId(id), external_id: format!("d{id}"), title: String::new(), source, metadata: Map::new() })
    }

    fn chunk(n: u128) -> ChunkId {
        ChunkId(Uuid::from_u128(n))
    }

    fn put(table: &mut Table, n: u128, document: &Arc<IndexedDocument>) -> u32 {
        let key = table.free_key();
        table.insert(key, chunk(n), Digest::of(n.to_le_bytes()), document);
        key
    }

    #[test]
    fn keys_and_places_are_used_again() {
        let mut table = Table::default();
        let (a, b) = (document(1, "x"), document(2, "y"));
        assert_eq!((put(&mut table, 1, &a), put(&mut table, 2, &a), put(&mut table, 3, &b)), (0, 1, 2));
        assert_eq!((table.remove(chunk(3)), table.remove(chunk(3))), (Some(2), None));
        assert_eq!((put(&mut table, 4, &document(3, "z")), table.documents.len(), table.len()), (2, 2, 3));
    }

    #[test]
    fn two_versions_of_a_document_keep_their_own_attributes() {
        let mut table = Table::default();
        put(&mut table, 1, &document(1, "old"));
        put(&mut table, 2, &document(1, "new"));
        put(&mut table, 3, &document(1, "new"));
        let filter = |source: &str| Filter::In(Field::Source, vec![Value::from(source)]);
        assert_eq!((table.passing(&filter("old")).1, table.passing(&filter("new")).1), (1, 2));
        table.remove(chunk(1));
        assert_eq!((table.passing(&filter("old")).1, table.passing(&filter("new")).1), (0, 2));
    }

    #[test]
    fn what_does_not_fit_together_is_not_restored() {
        let slot = |n, document| Some(Slot { chunk: chunk(n), document, digest: Digest::of("") });
        assert!(Table::restore(vec![slot(1, 0)], vec![]).is_none());
        assert!(Table::restore(vec![slot(1, 0)], vec![None]).is_none());
        let one = || vec![Some(document(1, "x").as_ref().clone())];
        assert!(Table::restore(vec![slot(1, 0), slot(1, 0)], one()).is_none());
        let restored = Table::restore(vec![slot(1, 0), None], one()).unwrap();
        assert_eq!((restored.len(), restored.free, restored.by_document.len()), (1, vec![1], 1));
    }
}
