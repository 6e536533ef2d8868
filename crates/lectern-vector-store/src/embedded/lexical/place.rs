//! One generation's index: what is open of it, and who writes.

use super::opened::{self, Opened};
use crate::{
    StoreError,
    embedded::{
        EmbeddedOptions, Role,
        files::{Stamp, engine_error},
        shared::lock,
    },
};
use lectern_domain::{collection::Generation, ids::ChunkId};
use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tantivy::{
    IndexWriter,
    indexer::{IndexWriterOptions, LogMergePolicy},
};

/// The place of one generation.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    view: Mutex<View>,
    pub(crate) writing: Mutex<Writing>,
}

/// What is open for searches.
#[derive(Default)]
struct View {
    opened: Option<Arc<Opened>>,
    /// What was on the disk when it was looked at; none before the first look, and where there was nothing.
    seen: Option<Stamp>,
}

/// The writer and what it has not committed yet.
#[derive(Default)]
pub(crate) struct Writing {
    pub(crate) writer: Option<IndexWriter>,
    /// Chunks that were put or removed since the last commit.
    pub(crate) uncommitted: HashSet<ChunkId>,
    /// Whether there is anything to commit.
    pub(crate) dirty: bool,
    /// Whether the index is being filled from nothing.
    pub(crate) rebuilding: bool,
    /// Whether changes were lost since the last commit, so that nothing may be committed before the follower asked for the position.
    pub(crate) lost: bool,
}

impl Place {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, view: Mutex::default(), writing: Mutex::default() }
    }

    /// The index as it was last committed, by this process or by the one that holds the lock.
    pub(crate) fn current(&self, generation: &Generation, role: Role) -> Option<Arc<Opened>> {
        let mut view = lock(&self.view);
        let now = opened::stamp(&self.path);
        if now.is_some() && now == view.seen {
            return view.opened.clone();
        }
        let kept = view.opened.take().filter(|_| role == Role::Holder && now.is_some());
        view.opened = match kept {
            // The writer's index is kept: it knows which files are its own.
            Some(kept) => opened::reload(&kept, &self.path, generation).map(Arc::new),
            None => opened::open(&self.path, generation).map(Arc::new),
        };
        view.seen = now;
        view.opened.clone()
    }

    /// Makes `opened` what searches see.
    pub(crate) fn show(&self, opened: Opened) -> Arc<Opened> {
        let opened = Arc::new(opened);
        *lock(&self.view) = View { seen: opened.stamp, opened: Some(Arc::clone(&opened)) };
        opened
    }

    /// Forgets what is open.
    pub(crate) fn hide(&self) {
        *lock(&self.view) = View::default();
    }
}

impl Writing {
    /// The writer, opened where it is not.
    pub(crate) fn writer(&mut self, opened: &Opened, place: &Place, options: &EmbeddedOptions) -> Result<&mut IndexWriter, StoreError> {
        if self.writer.is_none() {
            let threads = if self.rebuilding { 2 } else { 1 };
            let writer_options = IndexWriterOptions::builder()
                .num_worker_threads(threads)
                .num_merge_threads(1)
                .memory_budget_per_thread(options.indexing_memory / threads)
                .build();
            let writer = opened
                .index
                .writer_with_options(writer_options)
                .map_err(|error| opened::failed("write to the lexical index", &place.path, error))?;
            let mut merging = LogMergePolicy::default();
            merging.set_del_docs_ratio_before_merge(0.3);
            writer.set_merge_policy(Box::new(merging));
            self.writer = Some(writer);
        }
        self.writer.as_mut().ok_or(StoreError::NotHolder)
    }

    /// Closes the writer and waits for its threads. What was not committed is gone.
    pub(crate) fn close(&mut self, place: &Place) {
        if let Some(writer) = self.writer.take()
            && let Err(error) = writer.wait_merging_threads()
        {
            tracing::warn!(path = %place.path.display(), %error, "the writer of a lexical index did not end in order");
        }
        self.uncommitted.clear();
        self.lost |= self.dirty;
        self.dirty = false;
    }

    /// Refuses where changes were lost.
    pub(crate) fn refuse_after_loss(&self, place: &Place) -> Result<(), StoreError> {
        if self.lost {
            return Err(engine_error("go on writing to", &place.path, Lost));
        }
        Ok(())
    }
}

/// Why a follower has to start again.
#[derive(Debug, thiserror::Error)]
#[error("changes were lost in an earlier error: start again from the index's position")]
pub(crate) struct Lost;
