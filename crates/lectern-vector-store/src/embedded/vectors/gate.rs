//! Lets a number of threads through at once.

use crate::embedded::shared::lock;
use std::sync::{Condvar, Mutex, PoisonError};

/// usearch refuses a search for which it has no working memory, so searches beyond that wait here.
pub(crate) struct Gate {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn new(places: usize) -> Self {
        Self { free: Mutex::new(places.max(1)), changed: Condvar::new() }
    }

    /// Waits for a place and has it until the pass is dropped.
    pub(crate) fn enter(&self) -> Pass<'_> {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = self.changed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Pass(self)
    }
}

/// A place behind a [`Gate`].
pub(crate) struct Pass<'a>(&'a Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.changed.notify_one();
    }
}
