//! Opening a database to look after it.

use crate::{ServiceError, app::DatabaseSpec};
use lectern_persistence::{
    Database, DatabaseOptions, DatabaseUrl, DbError,
    migrate::{self, Migrator, Script},
};
use std::{path::Path, time::Duration};

/// A database, and the migrations that it is compared with and taken to.
pub struct Schema {
    pub(super) database: Database,
    scripts: Vec<Script>,
    patience: Duration,
}

impl Schema {
    /// Opens a database that may be behind, ahead or empty. `folder` holds the migrations where they are not this build's own, in folders
    /// `postgres` and `sqlite`; another process that migrates is waited for as long as `patience`.
    ///
    /// # Errors
    /// Where the URL is wrong, the database can't be reached or a script can't be read.
    pub fn open(spec: &DatabaseSpec, folder: Option<&Path>, patience: Duration) -> Result<Self, ServiceError> {
        let url: DatabaseUrl = spec.url.parse().map_err(DbError::from)?;
        let options = DatabaseOptions { connections: 1, acquire_timeout: spec.acquire_timeout, ..DatabaseOptions::default() };
        let database = Database::open(&url, &options)?;
        let scripts = match folder {
            Some(folder) => migrate::in_folder(&folder.join(database.backend().as_str()))?,
            None => migrate::embedded(database.backend()),
        };
        Ok(Self { database, scripts, patience })
    }

    /// What there is to apply, and what is applied.
    pub fn migrator(&self) -> Migrator<'_> {
        Migrator::with_scripts(&self.database, self.scripts.clone()).patient_for(self.patience)
    }

    /// Ends the use of the database.
    pub fn close(&self) {
        self.database.close(Duration::from_secs(5));
    }
}
