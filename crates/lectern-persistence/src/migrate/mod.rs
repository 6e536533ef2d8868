//! The migrations in this build, and taking a database to them.

mod apply;
mod embedded;
mod installation;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod status;

pub use status::{Status, status, status_on};

use crate::conn::{Conn, Purpose};
use crate::database::Database;
use crate::error::DbError;
use std::time::Duration;

/// How long a process waits for another one that migrates.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// A migration that was applied or reverted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its version, digits only.
    pub version: String,
    /// The name of its folder.
    pub name: String,
    /// How long it took.
    pub took: Duration,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// Applies what is pending, one process at a time: the others wait and find nothing left to do. The first upgrade gives the
/// database its installation id. On SQLite all of it is one transaction, on PostgreSQL each migration is.
///
/// # Errors
/// [`DbError::Ahead`] where the database has migrations that this build does not know, [`DbError::MigrationLock`] where another process
/// migrates for longer than a minute, [`DbError::Migration`] where a migration fails; what it did is rolled back then.
pub fn upgrade(database: &Database) -> Result<Vec<Applied>, DbError> {
    match status(database)? {
        Status::UpToDate if database.read(installation::exists)? => return Ok(Vec::new()),
        Status::UpToDate | Status::Behind(_) => {}
        Status::Ahead(versions) => return Err(DbError::Ahead { versions }),
    }
    migrate(database, Direction::Up)
}

/// Reverts every migration, the newest first. All data is lost.
///
/// # Errors
/// As [`upgrade`].
pub fn revert_all(database: &Database) -> Result<Vec<Applied>, DbError> {
    if let Status::Ahead(versions) = status(database)? {
        return Err(DbError::Ahead { versions });
    }
    migrate(database, Direction::Down)
}

fn migrate(database: &Database, direction: Direction) -> Result<Vec<Applied>, DbError> {
    match &mut database.dedicated(Purpose::Write)? {
        #[cfg(feature = "postgres")]
        conn @ Conn::Pg(_) => postgres::migrate(conn, direction),
        #[cfg(feature = "sqlite")]
        conn @ Conn::Sqlite(_) => sqlite::migrate(conn, direction),
    }
}
