//! Writing: on SQLite by the one writer, on PostgreSQL in the calling thread.

use super::{Database, Tx, WriteKind};
use crate::error::DbError;

impl Database {
    /// Runs `f` in a transaction and waits until it is committed. `f` must do no network IO, and on SQLite no long computing
    /// either: all writes of the process wait for it. A panic in `f` rolls back and becomes [`DbError::Panicked`].
    ///
    /// On SQLite `f` runs on the writer's thread, in a savepoint of a transaction that it shares with other waiting writes. Waiting
    /// for another write inside `f` would wait forever.
    ///
    /// # Errors
    /// What `f` fails with; [`DbError::Overloaded`] where too many writes wait, [`DbError::Busy`] where another process holds SQLite's
    /// lock, [`DbError::Frozen`] where the database is frozen, and the failures of connecting and committing. Nothing is written then.
    pub fn write<T, E>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.write_as(WriteKind::Change, f)
    }

    /// The same for a write that a freeze may let through.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub fn write_as<T, E>(&self, kind: WriteKind, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        #[cfg(feature = "sqlite")]
        if let Some(writer) = &self.inner.writer {
            let (tell, wait) = std::sync::mpsc::sync_channel(1);
            writer.submit(kind, f, move |outcome| {
                // The asker waits below; it is gone only if its thread was ended.
                let _ = tell.send(outcome);
            })?;
            return wait.recv().unwrap_or_else(|_closed| Err(DbError::Overloaded.into()));
        }
        #[cfg(feature = "postgres")]
        return self.inner.write_pooled(kind, f);
        #[cfg(not(feature = "postgres"))]
        unreachable_backend((kind, f))
    }

    /// As [`Database::write_as`], but does not wait on SQLite: `done` is called with the outcome on the writer's thread after the
    /// commit, and must be quick. On PostgreSQL it runs here, in the calling thread, and `done` is called before this returns: the
    /// executor in front has the threads that wait.
    ///
    /// # Errors
    /// [`DbError::Overloaded`] where too many writes wait; `f` is not run and `done` not called then.
    pub fn submit_write<T, E>(
        &self,
        kind: WriteKind,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        #[cfg(feature = "sqlite")]
        if let Some(writer) = &self.inner.writer {
            return writer.submit(kind, f, done);
        }
        done(self.write_as(kind, f));
        Ok(())
    }
}

/// Without the feature `postgres` every open database is SQLite's, and has a writer.
#[cfg(not(feature = "postgres"))]
fn unreachable_backend<T, E: From<DbError>>(_: (WriteKind, impl FnOnce(&mut Tx<'_>) -> Result<T, E>)) -> Result<T, E> {
    Err(DbError::Data("a database without a writer".to_owned()).into())
}
