//! How large a database is, and how far away.

use super::Schema;
use crate::ServiceError;
use lectern_persistence::{DbError, repo::catalogue};
use std::time::{Duration, Instant};

pub use lectern_persistence::repo::catalogue::{About, TableSize};

/// Every table with its exact rows and its bytes, by name.
///
/// # Errors
/// Failures of the database.
pub fn tables(schema: &Schema) -> Result<Vec<TableSize>, ServiceError> {
    Ok(schema.database.read::<_, DbError>(catalogue::tables)?)
}

/// How long the database takes to answer.
///
/// # Errors
/// Failures of the database.
pub fn ping(schema: &Schema) -> Result<Duration, ServiceError> {
    // The first use opens a connection.
    schema.database.read::<_, DbError>(catalogue::ping)?;
    let start = Instant::now();
    schema.database.read::<_, DbError>(catalogue::ping)?;
    Ok(start.elapsed())
}

/// What the server is, and how much the database keeps there.
///
/// # Errors
/// Failures of the database.
pub fn about(schema: &Schema) -> Result<About, ServiceError> {
    Ok(schema.database.read::<_, DbError>(catalogue::about)?)
}
