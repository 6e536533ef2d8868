//! The migrations in this build, and taking a database to them and back.

mod adopt;
mod apply;
pub mod author;
mod expected;
mod history;
mod installation;
mod ledger;
mod locks;
mod mend;
mod record;
mod recorded;
mod release;
mod revision;
mod script;
mod session;
mod status;

pub use adopt::{AdoptOptions, Adopted, Adoption, Extent, Finding, KEPT_IN, LeftOut, TableRows};
pub use apply::UpgradeOptions;
pub(crate) use apply::script_of;
pub use expected::{Expected, catalogue_of};
pub use history::{State, Step};
pub(crate) use ledger::exists;
pub use mend::{Repaired, Stamped};
pub use record::{Recording, record};
pub use revision::{Revision, RevisionError};
pub use script::{Script, embedded, in_folder, write_catalogue};
pub(crate) use session::{Session, Span, wait_for_migrations};
pub use status::{Status, status, status_on};

use crate::{conn::Conn, database::Database, error::DbError};
use std::time::Duration;

/// How long a process waits for another one that migrates, unless it is told otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// A migration that was applied or reverted, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its version, digits only.
    pub version: String,
    /// The name of its folder.
    pub name: String,
    /// How long it took; none where it was not tried, since it runs outside a transaction.
    pub took: Option<Duration>,
    /// The tables that nobody else could write to, or read, from the migration's first statement to its end; told where it was only tried.
    pub locked: Vec<String>,
}

impl Applied {
    pub(crate) fn new(script: &Script, took: Option<Duration>) -> Self {
        Self { version: script.version.clone(), name: script.name.clone(), took, locked: Vec::new() }
    }
}

/// A database, and the migrations that it is taken to and back.
pub struct Migrator<'a> {
    database: &'a Database,
    scripts: Vec<Script>,
    /// The list of releases.
    releases: String,
    patience: Duration,
}

impl<'a> Migrator<'a> {
    /// The migrations of this build.
    pub fn new(database: &'a Database) -> Self {
        Self::with_scripts(database, embedded(database.backend()))
    }

    /// Other migrations, in any order.
    pub fn with_scripts(database: &'a Database, mut scripts: Vec<Script>) -> Self {
        scripts.sort_by(|a, b| a.version.cmp(&b.version));
        Self { database, scripts, releases: release::RELEASES.to_owned(), patience: PATIENCE }
    }

    /// Another list of releases: a line for each, with its version and that of its last migration.
    #[must_use]
    pub fn with_releases(self, releases: String) -> Self {
        Self { releases, ..self }
    }

    /// Waits for another process that migrates for so long.
    #[must_use]
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Every migration of this build and of the database, in order. Looks into the catalogue and creates nothing.
    ///
    /// # Errors
    /// Failures of the database.
    pub fn history(&self) -> Result<Vec<Step>, DbError> {
        self.database.read(|conn| self.history_of(conn))
    }

    pub(crate) fn history_of(&self, conn: &mut Conn) -> Result<Vec<Step>, DbError> {
        Ok(history::history(&self.scripts, &ledger::read(conn)?))
    }

    /// The database.
    pub(crate) fn database(&self) -> &Database {
        self.database
    }

    /// How long another process that migrates is waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether every migration is applied, and no other.
    pub(crate) fn is_complete(&self, conn: &mut Conn) -> Result<bool, DbError> {
        Ok(self.history_of(conn)?.iter().all(|step| matches!(step.state, State::Applied | State::Modified)))
    }

    /// The version and the name of the last migration.
    pub fn head(&self) -> Option<(&str, &str)> {
        self.scripts.last().map(|script| (script.version.as_str(), script.name.as_str()))
    }

    /// What applies a migration, where it is known.
    pub fn up_script(&self, version: &str) -> Option<String> {
        self.script(version).map(|script| script.up.clone())
    }

    pub(crate) fn script(&self, version: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.version == version)
    }
}

/// Every migration of this build and of the database, on a connection.
pub(crate) fn history_on(conn: &mut Conn) -> Result<Vec<Step>, DbError> {
    Ok(history::history(&embedded(conn.backend()), &ledger::read(conn)?))
}

/// Applies what is pending in this build. The first upgrade gives the database its installation id.
///
/// # Errors
/// As [`Migrator::upgrade`].
pub fn upgrade(database: &Database) -> Result<Vec<Applied>, DbError> {
    match status(database)? {
        Status::UpToDate if database.read(installation::exists)? => Ok(Vec::new()),
        Status::UpToDate | Status::Behind(_) => Migrator::new(database).upgrade(&Revision::Head, UpgradeOptions::default()),
        Status::Ahead(versions) => Err(DbError::Ahead { versions }),
    }
}
