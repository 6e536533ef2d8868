//! Waiting for the writes that did not see a freeze.

use super::Database;
use crate::{error::DbError, migrate};
use std::time::Duration;

impl Database {
    /// Returns when every write, and every migration, that began before the freeze was written down has ended. Waits for each kind for
    /// `patience` at most.
    ///
    /// # Errors
    /// [`DbError::StillWriting`] and [`DbError::MigrationLock`] where one has not, and failures of the database.
    pub fn wait_for_writers(&self, patience: Duration) -> Result<(), DbError> {
        migrate::wait_for_migrations(self, patience)?;
        // On SQLite whoever wrote the freeze down had the file's lock, as everybody who writes.
        #[cfg(feature = "postgres")]
        if self.backend() == crate::Backend::Postgres {
            self.wait_for_lock(patience)?;
        }
        Ok(())
    }

    /// Takes the lock that writes share, and gives it back with its connection.
    #[cfg(feature = "postgres")]
    fn wait_for_lock(&self, patience: Duration) -> Result<(), DbError> {
        use diesel::connection::SimpleConnection;
        let mut conn = self.dedicated(crate::conn::Purpose::Write)?;
        // Zero would be without end.
        let milliseconds = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX).clamp(1, i32::MAX as u32);
        let wait = format!("SET lock_timeout = {milliseconds}; SELECT pg_advisory_lock({})", super::kind::WRITERS_LOCK);
        let start = std::time::Instant::now();
        conn.batch_execute(&wait).map_err(|error| match start.elapsed() {
            // The server's words for it depend on its language.
            waited if waited >= Duration::from_millis(milliseconds.into()) => DbError::StillWriting { waited },
            _ => error.into(),
        })
    }
}
