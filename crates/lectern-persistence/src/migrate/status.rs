//! How a database stands to the migrations of this build, read without a trace.

use super::embedded;
use crate::conn::{Backend, Conn, with_conn};
use crate::database::Database;
use crate::error::DbError;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};
use std::collections::BTreeSet;

/// How a database stands to this build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Every migration of this build is applied, and no other.
    UpToDate,
    /// So many migrations are pending.
    Behind(usize),
    /// The database has these versions, which this build does not know.
    Ahead(Vec<String>),
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Looks into the catalogue and creates nothing.
///
/// # Errors
/// Where the database cannot be read.
pub fn status(database: &Database) -> Result<Status, DbError> {
    database.read(status_on)
}

/// The same on a connection.
///
/// # Errors
/// Where the database cannot be read.
pub fn status_on(conn: &mut Conn) -> Result<Status, DbError> {
    let known = known(conn.backend())?;
    let applied = applied(conn)?;
    let ahead: Vec<String> = applied.difference(&known).cloned().collect();
    Ok(match known.difference(&applied).count() {
        _ if !ahead.is_empty() => Status::Ahead(ahead),
        0 => Status::UpToDate,
        pending => Status::Behind(pending),
    })
}

fn known(backend: Backend) -> Result<BTreeSet<String>, DbError> {
    #[cfg(feature = "sqlite")]
    type Any = diesel::sqlite::Sqlite;
    #[cfg(not(feature = "sqlite"))]
    type Any = diesel::pg::Pg;
    Ok(embedded::migrations::<Any>(backend)?.iter().map(|migration| migration.name().version().to_string()).collect())
}

fn applied(conn: &mut Conn) -> Result<BTreeSet<String>, DbError> {
    let ledger = match conn.backend() {
        Backend::Postgres => "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS found",
        Backend::Sqlite => {
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__diesel_schema_migrations') AS found"
        }
    };
    if !with_conn!(&mut *conn, c => diesel::sql_query(ledger).get_result::<Found>(c))?.found {
        return Ok(BTreeSet::new());
    }
    let versions = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    Ok(with_conn!(conn, c => versions.load::<Version>(c))?.into_iter().map(|row| row.version).collect())
}
