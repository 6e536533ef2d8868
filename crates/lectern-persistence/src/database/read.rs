//! Reading.

use super::{Database, Inner, gate::Pass};
use crate::conn::{Conn, Manager};
use crate::error::DbError;
use std::time::Instant;

impl Database {
    /// Runs `f` on a pooled connection, in this thread, which waits. Each statement sees what is committed when it starts; where
    /// several must see the same, `f` opens a transaction. On SQLite the connection refuses writes.
    ///
    /// # Errors
    /// [`DbError::PoolTimeout`] or [`DbError::Unreachable`] where no connection was to be had, and what `f` fails with.
    pub fn read<T, E: From<DbError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        f(&mut self.inner.checkout()?.conn)
    }
}

/// A connection of the pool; it goes back before its user counts as gone.
pub(super) struct CheckedOut<'a> {
    pub(super) conn: r2d2::PooledConnection<Manager>,
    _pass: Pass<'a>,
}

impl Inner {
    pub(super) fn checkout(&self) -> Result<CheckedOut<'_>, DbError> {
        let pass = self.gate.enter().ok_or(DbError::Closed)?;
        let start = Instant::now();
        let got = self.pool.get();
        let waited = start.elapsed();
        self.meters.waits.took(waited);
        let conn = got.map_err(|_timeout| {
            self.meters.none.up();
            match self.failures.last() {
                Some(failure) => DbError::Unreachable(failure),
                None => DbError::PoolTimeout { waited },
            }
        })?;
        Ok(CheckedOut { conn, _pass: pass })
    }
}
