//! Opening the database, at the schema of this build.

use crate::ServiceError;
use lectern_persistence::{
    Database, DatabaseOptions, DatabaseUrl, DbError,
    migrate::{self, Status},
};
use std::time::Duration;

/// Which database, and how it is used.
#[derive(Clone)]
pub struct DatabaseSpec {
    /// Its URL; may hold a password.
    pub url: String,
    /// Connections of the pool, each with a thread of its own.
    pub connections: u32,
    /// How long a connection is waited for.
    pub acquire_timeout: Duration,
    /// Writes that may wait for SQLite's one writer.
    pub write_queue: usize,
    /// Whether pending migrations are applied; where not, a schema that is behind is refused.
    pub upgrade: bool,
}

/// Opens the database, made where it does not exist, and brings its schema to this build's where the spec says so. Blocks: call it before
/// anything is served.
///
/// # Errors
/// [`ServiceError::Behind`] where migrations are pending and not to be applied, and failures of the database.
pub fn open_database(spec: &DatabaseSpec) -> Result<Database, ServiceError> {
    let url: DatabaseUrl = spec.url.parse().map_err(DbError::from)?;
    let options = DatabaseOptions {
        connections: spec.connections,
        acquire_timeout: spec.acquire_timeout,
        write_queue: spec.write_queue,
        ..DatabaseOptions::default()
    };
    let database = Database::open(&url, &options)?;
    if spec.upgrade {
        migrate::upgrade(&database)?;
        return Ok(database);
    }
    match migrate::status(&database)? {
        Status::UpToDate => Ok(database),
        Status::Behind(pending) => Err(ServiceError::Behind { pending }),
        Status::Ahead(versions) => Err(DbError::Ahead { versions }.into()),
    }
}
