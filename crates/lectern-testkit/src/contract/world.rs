//! What the contract speaks of: a small world of generations, documents and chunks, and a way to wait.

use lectern_domain::{
    access::{Principal, Scope},
    change::Cursor,
    collection::{Chunking, Collection, CollectionName, Generation, Visibility},
    fields::FilterableFields,
    ids::{ChunkId, CollectionId, DocumentId, EntryId, GenerationId, ModelId},
    language::Language,
    model::{EmbeddingModel, EmbeddingModelSpec},
};
use lectern_vector_store::{IndexedDocument, LexicalEntry, VectorEntry};
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// One for all tests: stores outside the process keep their connections in it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// A model of so many dimensions.
pub fn model(dimensions: u32) -> EmbeddingModel {
    EmbeddingModel { id: ModelId(1), spec: EmbeddingModelSpec { name: "unit".to_owned(), revision: "1".to_owned(), dimensions } }
}

/// A generation of a collection of its own; with dimensions, it has a model.
pub fn generation(id: i32, language: Language, dimensions: Option<u32>) -> Generation {
    let chunking = Chunking::new(1_200, 0).expect("a valid chunking");
    let fields = FilterableFields::default();
    Generation { id: GenerationId(id), collection: CollectionId(id), language, chunking, fields, model: dimensions.map(model) }
}

/// A scope over these generations, one collection each.
pub fn scope(generations: &[&Generation]) -> Scope {
    let readable = generations.iter().map(|&generation| {
        let name = CollectionName::try_from(format!("c{}", generation.id)).expect("a valid name");
        let collection = Collection {
            id: generation.collection,
            uid: name.uid(),
            name,
            owner: None,
            visibility: Visibility::Public,
            language: generation.language,
            fields: generation.fields.clone(),
            created_at: Default::default(),
            updated_at: Default::default(),
        };
        (collection, generation.clone())
    });
    Scope::readable(Principal::Operator, readable)
}

/// The place of an entry of this number.
pub fn cursor(seq: i64) -> Cursor {
    Cursor { seq, entry: EntryId(Uuid::from_u128(seq as u128 + 1)) }
}

/// A chunk's id.
pub fn chunk(n: usize) -> ChunkId {
    ChunkId(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_le_bytes()))
}

/// A document `doc-<id>` without a title.
pub fn document(id: i32, source: Option<&str>, metadata: &[(&str, Value)]) -> Arc<IndexedDocument> {
    let metadata: Map<String, Value> = metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Arc::new(IndexedDocument {
        id: DocumentId(id),
        external_id: format!("doc-{id}"),
        title: String::new(),
        source: source.map(str::to_owned),
        metadata,
    })
}

/// A chunk with its text.
pub fn words(n: usize, document: &Arc<IndexedDocument>, text: &str) -> LexicalEntry {
    LexicalEntry { chunk: chunk(n), document: Arc::clone(document), heading: String::new(), text: text.to_owned() }
}

/// A chunk with its vector.
pub fn vector(n: usize, document: &Arc<IndexedDocument>, vector: Vec<f32>) -> VectorEntry {
    VectorEntry { chunk: chunk(n), document: Arc::clone(document), vector }
}

/// Numbers that are the same at every run (splitmix64).
pub struct Random(u64);

impl Random {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A vector with components from -1 to 1.
    pub fn vector(&mut self, dimensions: usize) -> Vec<f32> {
        (0..dimensions).map(|_| (self.number() >> 40) as f32 / (1u64 << 23) as f32 - 1.0).collect()
    }
}
