//! What the tests share: the contract's world, an executor, and folders.

use lectern_domain::{
    executor::{Executor, Job, Overloaded},
    ids::InstallationId,
};
pub(crate) use lectern_testkit::contract::world::*;
use lectern_vector_store::embedded::{EmbeddedFolder, EmbeddedOptions};
use std::{path::Path, sync::Arc, thread};
use uuid::Uuid;

/// A thread for every job.
pub(crate) struct Threads;

impl Executor for Threads {
    fn submit(&self, job: Job) -> Result<(), Overloaded> {
        thread::spawn(job);
        Ok(())
    }
}

pub(crate) const INSTALLATION: InstallationId = InstallationId(Uuid::from_u128(7));

pub(crate) fn open(path: &Path) -> Arc<EmbeddedFolder> {
    open_with(path, EmbeddedOptions::default())
}

pub(crate) fn open_with(path: &Path, options: EmbeddedOptions) -> Arc<EmbeddedFolder> {
    EmbeddedFolder::open(path, INSTALLATION, Arc::new(Threads), Arc::new(Threads), options).expect("a folder that can be written to")
}
