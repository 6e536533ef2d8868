//! What both engines of a folder share.

use super::{EmbeddedOptions, Role};
use crate::{StoreError, StoreFuture};
use lectern_domain::{
    executor::{self, Executor},
    ids::GenerationId,
};
use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// The folder, the role in it, and where blocking work goes.
pub(crate) struct Shared {
    /// The folder of one installation.
    pub(crate) path: PathBuf,
    pub(crate) options: EmbeddedOptions,
    pub(crate) searches: Arc<dyn Executor>,
    pub(crate) changes: Arc<dyn Executor>,
    pub(crate) holder: AtomicBool,
    /// The file whose lock makes the holder. It is here so that work that is still running keeps the lock.
    pub(crate) lock: Mutex<File>,
}

impl Shared {
    pub(crate) fn role(&self) -> Role {
        if self.holder.load(Ordering::Acquire) { Role::Holder } else { Role::Reader }
    }

    /// The folder of a generation.
    pub(crate) fn generation(&self, generation: GenerationId) -> PathBuf {
        self.path.join(format!("g{generation}"))
    }

    /// # Errors
    /// [`StoreError::NotHolder`] where another process follows the log.
    pub(crate) fn require_holder(&self) -> Result<(), StoreError> {
        match self.role() {
            Role::Holder => Ok(()),
            Role::Reader => Err(StoreError::NotHolder),
        }
    }

    /// Runs work that reads.
    pub(crate) fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let shared = Arc::clone(self);
        Box::pin(async move { executor::run(&*shared.searches, work).await? })
    }

    /// Runs work that writes, which the holder alone may do. It has threads of its own, so that no search waits for it.
    pub(crate) fn changing<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let shared = Arc::clone(self);
        let holder = Arc::clone(self);
        Box::pin(async move {
            let change = move || {
                holder.require_holder()?;
                work()
            };
            executor::run(&*shared.changes, change).await?
        })
    }
}

/// Locks a mutex. A thread that panicked while it held it left no half-made state behind that the next one would trust: engines
/// keep their own, and what is durable is replaced as a whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
