//! How a database stands to the migrations of this build, read without a trace.

use super::{
    State,
    history::{check, history},
    ledger,
    script::embedded,
};
use crate::{conn::Conn, database::Database, error::DbError};

/// How a database stands to this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Every migration of this build is applied, and no other.
    UpToDate,
    /// So many migrations are pending.
    Behind(usize),
    /// The database has these migrations, which this build does not know.
    Ahead(Vec<String>),
}

/// Looks into the catalogue and creates nothing.
///
/// # Errors
/// [`DbError::Edited`] and [`DbError::HalfApplied`] where a migration is not as it should be, and failures of the database.
pub fn status(database: &Database) -> Result<Status, DbError> {
    database.read(status_on)
}

/// The same on a connection.
///
/// # Errors
/// As [`status`].
pub fn status_on(conn: &mut Conn) -> Result<Status, DbError> {
    let history = history(&embedded(conn.backend()), &ledger::read(conn)?);
    match check(&history, true) {
        Ok(()) => {}
        Err(DbError::Ahead { versions }) => return Ok(Status::Ahead(versions)),
        Err(error) => return Err(error),
    }
    let pending = history.iter().filter(|step| matches!(step.state, State::Pending | State::OutOfOrder)).count();
    Ok(if pending == 0 { Status::UpToDate } else { Status::Behind(pending) })
}
