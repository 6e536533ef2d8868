//! What the tests share: an executor, a way to wait, and a small world of generations.

use lectern_domain::{
    access::{Principal, Scope},
    change::Cursor,
    collection::{Chunking, Collection, CollectionName, Generation, Visibility},
    executor::{Executor, Job, Overloaded},
    fields::FilterableFields,
    ids::{ChunkId, CollectionId, DocumentId, EntryId, GenerationId, InstallationId, ModelId},
    language::Language,
    model::{EmbeddingModel, EmbeddingModelSpec},
};
use lectern_vector_store::{
    IndexedDocument, LexicalEntry, VectorEntry,
    embedded::{EmbeddedFolder, EmbeddedOptions},
};
use serde_json::{Map, Value};
use std::{
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use uuid::Uuid;

/// A thread for every job.
pub(crate) struct Threads;

impl Executor for Threads {
    fn submit(&self, job: Job) -> Result<(), Overloaded> {
        thread::spawn(job);
        Ok(())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

pub(crate) const INSTALLATION: InstallationId = InstallationId(Uuid::from_u128(7));

pub(crate) fn open(path: &Path) -> Arc<EmbeddedFolder> {
    open_with(path, EmbeddedOptions::default())
}

pub(crate) fn open_with(path: &Path, options: EmbeddedOptions) -> Arc<EmbeddedFolder> {
    EmbeddedFolder::open(path, INSTALLATION, Arc::new(Threads), Arc::new(Threads), options).expect("a folder that can be written to")
}

pub(crate) fn model(dimensions: u32) -> EmbeddingModel {
    EmbeddingModel { id: ModelId(1), spec: EmbeddingModelSpec { name: "unit".to_owned(), revision: "1".to_owned(), dimensions } }
}

pub(crate) fn generation(id: i32, language: Language, dimensions: Option<u32>) -> Generation {
    let chunking = Chunking::new(1_200, 0).expect("a valid chunking");
    let fields = FilterableFields::default();
    Generation { id: GenerationId(id), collection: CollectionId(id), language, chunking, fields, model: dimensions.map(model) }
}

/// A scope over these generations, one collection each.
pub(crate) fn scope(generations: &[&Generation]) -> Scope {
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

pub(crate) fn cursor(seq: i64) -> Cursor {
    Cursor { seq, entry: EntryId(Uuid::from_u128(seq as u128 + 1)) }
}

pub(crate) fn chunk(n: usize) -> ChunkId {
    ChunkId(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_le_bytes()))
}

pub(crate) fn document(id: i32, source: Option<&str>, metadata: &[(&str, Value)]) -> Arc<IndexedDocument> {
    let metadata: Map<String, Value> = metadata.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Arc::new(IndexedDocument {
        id: DocumentId(id),
        external_id: format!("doc-{id}"),
        title: String::new(),
        source: source.map(str::to_owned),
        metadata,
    })
}

pub(crate) fn words(n: usize, document: &Arc<IndexedDocument>, text: &str) -> LexicalEntry {
    LexicalEntry { chunk: chunk(n), document: Arc::clone(document), heading: String::new(), text: text.to_owned() }
}

pub(crate) fn vector(n: usize, document: &Arc<IndexedDocument>, vector: Vec<f32>) -> VectorEntry {
    VectorEntry { chunk: chunk(n), document: Arc::clone(document), vector }
}

/// Numbers that are the same at every run (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A vector with components from -1 to 1.
    pub(crate) fn vector(&mut self, dimensions: usize) -> Vec<f32> {
        (0..dimensions).map(|_| (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0).collect()
    }
}
