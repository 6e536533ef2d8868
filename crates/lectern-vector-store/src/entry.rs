//! What an index is told, and what it is asked.

use crate::{StoreError, brute_force::length, ranking::MOST_HITS};
use lectern_domain::{
    access::Scope,
    collection::Generation,
    digest::Digest,
    facts::facts,
    filter::{Field, Filter},
    ids::{ChunkId, DocumentId},
};
use serde_json::{Map, Value};
use std::sync::Arc;

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

impl IndexedDocument {
    /// Whatever filters look at, as [`lectern_domain::facts::Condition`] asks for it.
    pub fn facts(&self) -> Vec<String> {
        let source = self.source.iter().flat_map(|source| facts(&Field::Source, &Value::from(source.as_str())));
        let metadata = self.metadata.iter().flat_map(|(name, value)| facts(&Field::Metadata(name.clone()), value));
        facts(&Field::ExternalId, &Value::from(self.external_id.as_str())).chain(source).chain(metadata).collect()
    }
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

impl LexicalEntry {
    /// The digest of everything that an index keeps of it.
    pub fn digest(&self) -> Digest {
        let facts = self.document.facts();
        let texts = [&self.document.title, &self.heading, &self.text].map(String::as_bytes);
        Digest::of_parts(texts.into_iter().chain(facts.iter().map(String::as_bytes)))
    }
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

impl VectorEntry {
    /// The digest of everything that an index keeps of it.
    pub fn digest(&self) -> Digest {
        let facts = self.document.facts();
        let vector: Vec<u8> = self.vector.iter().flat_map(|component| component.to_le_bytes()).collect();
        Digest::of_parts([vector.as_slice()].into_iter().chain(facts.iter().map(String::as_bytes)))
    }
}

/// Refuses vectors that an index of so many dimensions can't take; the embedded and the remote ones alike.
///
/// # Errors
/// [`StoreError::Dimensions`] and [`StoreError::NotFinite`] for the first of them.
pub fn check_vectors(entries: &[VectorEntry], dimensions: u32) -> Result<(), StoreError> {
    for entry in entries {
        if length(&entry.vector) != dimensions {
            return Err(StoreError::Dimensions { expected: dimensions, found: length(&entry.vector) });
        }
        if !entry.vector.iter().all(|component| component.is_finite()) {
            return Err(StoreError::NotFinite(entry.chunk));
        }
    }
    Ok(())
}

/// Changes to one generation. Removes come first; a put replaces what stands under its id. Applying a batch twice is applying it once.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch<Entry> {
    /// The number of the log's entry that these changes reach. A store that others may write to at the same time keeps it with each chunk
    /// and lets a batch with a lower number change nothing there, so that one that comes late can't win.
    pub seq: i64,
    /// Chunks that are gone.
    pub removes: Vec<ChunkId>,
    /// Chunks that are there.
    pub puts: Vec<Entry>,
}

/// A chunk that an index holds, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which chunk.
    pub chunk: ChunkId,
    /// The digest that its entry had when it was put; none where what stands there has none, which only somebody else can have put.
    pub digest: Option<Digest>,
}

/// A backup of an index that its store made, and keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where the store gives it out, to who has the key.
    pub url: String,
    /// Its size.
    pub bytes: u64,
}

/// A chunk that an index does not take, and would not take later: the rest of its batch is not held up by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which chunk.
    pub chunk: ChunkId,
    /// Why.
    pub reason: String,
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

/// Where to look for what is near a question, and for how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Near<'s> {
    /// The generations that have vectors; none where nothing can be found: no hit is wanted, or the question's vector, having length zero, is near
    /// nothing.
    pub generations: Vec<&'s Generation>,
    /// The most hits, which no index exceeds.
    pub limit: usize,
}

impl VectorQuery {
    /// What of a scope there is to look at.
    ///
    /// # Errors
    /// [`StoreError::Dimensions`] where vectors of a generation are not as long as the question's.
    pub fn near<'s>(&self, scope: &'s Scope) -> Result<Near<'s>, StoreError> {
        let (limit, found) = (self.limit.min(MOST_HITS), length(&self.vector));
        let mut generations = Vec::new();
        for generation in scope.generations() {
            let Some(model) = &generation.model else { continue };
            let expected = model.spec.dimensions;
            if expected != found {
                return Err(StoreError::Dimensions { expected, found });
            }
            generations.push(generation);
        }
        if limit == 0 || self.vector.iter().all(|component| *component == 0.0) {
            generations.clear();
        }
        Ok(Near { generations, limit })
    }
}
