//! One generation's vectors in memory: the graph, the table behind it, and how far it has come.

use super::table::Table;
use crate::{
    StoreError, VectorEntry,
    brute_force::unit,
    embedded::{EmbeddedOptions, files::engine_error},
};
use lectern_domain::{change::Cursor, ids::ChunkId, model::EmbeddingModelSpec};
use std::{
    path::Path,
    sync::{
        Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

/// Links of a node in the graph; twice as many at the bottom.
const CONNECTIVITY: usize = 16;
/// Candidates that are looked at to link a new node.
const EXPANSION_ADD: usize = 128;
/// Candidates that are looked at by a search, or as many as it asks for.
const EXPANSION_SEARCH: usize = 96;
/// The first capacity; it grows by half from there.
const FIRST_CAPACITY: usize = 1_024;

/// How often a change lets waiting searches go first before it insists.
const MOST_YIELDS: usize = 1_000;

/// Vectors of length 1, so that the inner product is the cosine.
///
/// A search shares the index with other searches, a change has it alone: usearch reads a node's links without a lock, and a search beside an
/// addition can follow a link that is half written. Changes take the lock for one vector at a time, which is well below a millisecond.
pub(crate) struct Graph {
    pub(crate) spec: EmbeddingModelSpec,
    index: RwLock<Index>,
    /// Searches that wait for the index.
    waiting: AtomicUsize,
    table: RwLock<Table>,
    progress: Mutex<Progress>,
}

/// How far a graph has come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Everything up to here was applied.
    pub(crate) cursor: Option<Cursor>,
    /// The cursor of the snapshot on the disk.
    pub(crate) durable: Option<Cursor>,
    /// Vectors that were put or removed since that snapshot.
    pub(crate) changed: usize,
    /// Nodes of removed vectors, which the next additions take over.
    tombstones: usize,
}

impl Progress {
    pub(crate) fn loaded(cursor: Cursor, tombstones: usize) -> Self {
        Self { cursor: Some(cursor), durable: Some(cursor), changed: 0, tombstones }
    }
}

/// An error of usearch, whose own type can't be named from here.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Usearch(Box<dyn std::error::Error + Send + Sync>);

pub(crate) fn usearch(error: impl std::error::Error + Send + Sync + 'static) -> Usearch {
    Usearch(Box::new(error))
}

/// An index with no vectors yet.
pub(crate) fn new_index(dimensions: u32, options: &EmbeddedOptions) -> Result<Index, Usearch> {
    let settings = IndexOptions {
        dimensions: dimensions as usize,
        metric: MetricKind::IP,
        quantization: ScalarKind::F16,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    };
    let index = Index::new(&settings).map_err(usearch)?;
    index.reserve_capacity_and_threads(0, contexts(options)).map_err(usearch)?;
    Ok(index)
}

/// Searches that may run at once, and the one thread that writes.
fn contexts(options: &EmbeddedOptions) -> usize {
    options.search_threads.max(1) + 1
}

impl Graph {
    pub(crate) fn empty(spec: EmbeddingModelSpec, options: &EmbeddedOptions, path: &Path) -> Result<Self, StoreError> {
        let index = new_index(spec.dimensions, options).map_err(|error| engine_error("make the vector index", path, error))?;
        Ok(Self::new(spec, index, Table::default(), Progress::default()))
    }

    pub(crate) fn new(spec: EmbeddingModelSpec, index: Index, table: Table, progress: Progress) -> Self {
        let (index, table, progress) = (RwLock::new(index), RwLock::new(table), Mutex::new(progress));
        Self { spec, index, waiting: AtomicUsize::new(0), table, progress }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        index
    }

    /// The lock is not fair, so that one change after another would keep searches out.
    fn index_alone(&self) -> RwLockWriteGuard<'_, Index> {
        for _ in 0..MOST_YIELDS {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                break;
            }
            thread::yield_now();
        }
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn table_alone(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        crate::embedded::shared::lock(&self.progress)
    }

    /// Removes a chunk, if it is there.
    pub(crate) fn remove(&self, chunk: ChunkId) -> Result<(), Usearch> {
        let index = self.index_alone();
        let mut table = self.table_alone();
        if let Some(key) = table.key(chunk) {
            index.remove(u64::from(key)).map_err(usearch)?;
            table.remove(chunk);
            let mut progress = self.progress();
            progress.tombstones += 1;
            progress.changed += 1;
        }
        Ok(())
    }

    /// Puts a chunk that is not there. One thread at a time.
    pub(crate) fn add(&self, entry: &VectorEntry, options: &EmbeddedOptions) -> Result<(), Usearch> {
        let vector = unit(&entry.vector);
        let key = self.table_alone().free_key();
        let added = self.link(u64::from(key), &vector, options);
        let mut table = self.table_alone();
        match added {
            Ok(()) => {
                table.insert(key, entry.chunk, entry.digest(), &entry.document);
                self.progress().changed += 1;
                Ok(())
            }
            Err(error) => {
                table.give_back(key);
                Err(error)
            }
        }
    }

    fn link(&self, key: u64, vector: &[f32], options: &EmbeddedOptions) -> Result<(), Usearch> {
        let index = self.index_alone();
        let mut progress = self.progress();
        let nodes = index.size() + progress.tombstones;
        if nodes >= index.capacity() {
            index.reserve_capacity_and_threads(FIRST_CAPACITY.max(nodes + nodes / 2), contexts(options)).map_err(usearch)?;
        }
        index.add(key, vector).map_err(usearch)?;
        progress.tombstones = progress.tombstones.saturating_sub(1);
        Ok(())
    }
}
