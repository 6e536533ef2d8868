//! A database for one purpose.

use super::{Database, DatabaseOptions};
use crate::{
    conn::{Backend, DatabaseUrl},
    error::DbError,
};
use std::time::Duration;

/// How long its connections may take to end.
const END: Duration = Duration::from_secs(5);

/// An empty database that is gone with this value.
#[derive(Debug)]
pub struct Scratch {
    database: Database,
}

impl Scratch {
    /// Makes one: on PostgreSQL a database `lectern_scratch_…` on the same server, which the user must be allowed to make; on SQLite a file in the
    /// temporary folder.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn beside(url: &DatabaseUrl) -> Result<Self, DbError> {
        let url = match url.backend() {
            Backend::Postgres => url.with_database(&format!("lectern_scratch_{}", uuid::Uuid::new_v4().simple())),
            Backend::Sqlite => DatabaseUrl::memory(),
        };
        let options = DatabaseOptions { connections: 1, ..DatabaseOptions::default() };
        Ok(Self { database: Database::open(&url, &options)? })
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.database.close(END);
        #[cfg(feature = "postgres")]
        if let Err(error) = crate::conn::postgres::drop_database(self.database.url()) {
            tracing::warn!(url = %self.database.url(), error = &error as &dyn std::error::Error, "a scratch database could not be removed");
        }
    }
}
