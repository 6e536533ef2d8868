//! Opening a database to look after it.

use crate::{ServiceError, app::DatabaseSpec};
use lectern_persistence::{
    Database, DatabaseOptions, DatabaseUrl, DbError,
    migrate::{self, Migrator, Script, State, Step},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// A database, and the migrations that it is compared with and taken to.
pub struct Schema {
    pub(super) database: Database,
    scripts: Vec<Script>,
    /// The list of releases, where it is not this build's own.
    releases: Option<String>,
    pub(super) patience: Duration,
}

impl Schema {
    /// Opens a database that may be behind, ahead or empty. `folder` holds the migrations where they are not this build's own, in folders
    /// `postgres` and `sqlite` beside a list `releases.txt`; another process that migrates is waited for as long as `patience`.
    ///
    /// # Errors
    /// Where the URL is wrong, the database can't be reached or a script can't be read.
    pub fn open(spec: &DatabaseSpec, folder: Option<&Path>, patience: Duration) -> Result<Self, ServiceError> {
        Self::open_by(Database::open, spec, folder, patience)
    }

    /// As [`Schema::open`], for who takes the database's rows elsewhere: makes none where there is none, and refuses one without Lectern's tables, which is
    /// another than the one that was meant.
    ///
    /// # Errors
    /// As [`Schema::open`], where there is no such database, and [`ServiceError::NoSchema`].
    pub fn open_source(spec: &DatabaseSpec, folder: Option<&Path>, patience: Duration) -> Result<Self, ServiceError> {
        let schema = Self::open_by(Database::open_existing, spec, folder, patience)?;
        let is_recorded = |step: &Step| !matches!(step.state, State::Pending | State::OutOfOrder);
        if !schema.migrator().history()?.iter().any(is_recorded) {
            return Err(ServiceError::NoSchema { database: schema.database.url().to_string() });
        }
        Ok(schema)
    }

    fn open_by(
        open: impl FnOnce(&DatabaseUrl, &DatabaseOptions) -> Result<Database, DbError>,
        spec: &DatabaseSpec,
        folder: Option<&Path>,
        patience: Duration,
    ) -> Result<Self, ServiceError> {
        let url: DatabaseUrl = spec.url.parse().map_err(DbError::from)?;
        let options = DatabaseOptions { connections: 1, acquire_timeout: spec.acquire_timeout, ..DatabaseOptions::default() };
        let database = open(&url, &options)?;
        let scripts = match folder {
            Some(folder) => migrate::in_folder(&folder.join(database.backend().as_str()))?,
            None => migrate::embedded(database.backend()),
        };
        let list = folder.map(|folder| folder.join("releases.txt")).filter(|path| path.is_file());
        let read = |path: PathBuf| fs::read_to_string(&path).map_err(|source| DbError::Io { path, source });
        let releases = match folder {
            Some(_) => Some(list.map(read).transpose()?.unwrap_or_default()),
            None => None,
        };
        Ok(Self { database, scripts, releases, patience })
    }

    /// What there is to apply, and what is applied.
    pub fn migrator(&self) -> Migrator<'_> {
        let migrator = Migrator::with_scripts(&self.database, self.scripts.clone()).patient_for(self.patience);
        match &self.releases {
            Some(releases) => migrator.with_releases(releases.clone()),
            None => migrator,
        }
    }

    /// The migrations that it is compared with.
    pub(super) fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// Ends the use of the database.
    pub fn close(&self) {
        self.database.close(Duration::from_secs(5));
    }
}
