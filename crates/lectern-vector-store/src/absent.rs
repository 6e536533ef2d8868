//! What stands for the embedded engines in a build without them.

use crate::{LexicalIndex, StoreError, VectorIndex};
use lectern_domain::{
    executor::Executor,
    ids::{FollowerId, GenerationId, InstallationId},
};
use std::{path::Path, sync::Arc};

/// What this process may do in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has the lock: it follows the log and writes.
    Holder,
    /// Another process has the lock.
    Reader,
}

/// How much the embedded engines may use: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbeddedOptions;

/// The indexes of one installation in one folder. There are none in this build.
#[derive(Debug)]
pub enum EmbeddedFolder {}

impl EmbeddedFolder {
    /// Says that this build has no embedded engines.
    ///
    /// # Errors
    /// Always [`StoreError::NotBuilt`].
    pub fn open(
        _: &Path,
        _: InstallationId,
        _: Arc<dyn Executor>,
        _: Arc<dyn Executor>,
        _: EmbeddedOptions,
    ) -> Result<Arc<Self>, StoreError> {
        Err(StoreError::NotBuilt)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        match *self {}
    }

    /// What this process may do here.
    pub fn role(&self) -> Role {
        match *self {}
    }

    /// The id under which this folder follows the change log.
    pub fn follower_id(&self) -> FollowerId {
        match *self {}
    }

    /// The generations of which something is kept here.
    ///
    /// # Errors
    /// None: there is no such folder.
    pub fn generations(&self) -> Result<Vec<GenerationId>, StoreError> {
        match *self {}
    }

    /// Takes the lock if nobody has it any more.
    ///
    /// # Errors
    /// None: there is no such folder.
    pub fn try_take_over(&self) -> Result<bool, StoreError> {
        match *self {}
    }

    /// The index of words.
    pub fn lexical(&self) -> Arc<dyn LexicalIndex> {
        match *self {}
    }

    /// The index of vectors.
    pub fn vectors(&self) -> Arc<dyn VectorIndex> {
        match *self {}
    }
}
