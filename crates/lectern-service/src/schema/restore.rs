//! Reading an archive into the database.

use super::{
    Schema,
    archives::{Input, Keys},
};
use crate::ServiceError;
use lectern_persistence::transfer::{self, Listener, RestoreOptions, Restored};

/// Which archive is restored, and how.
#[derive(Debug)]
pub struct RestoreRequest {
    /// The archive.
    pub from: Input,
    /// What it may be opened with.
    pub keys: Keys,
    /// How its rows meet those that there are.
    pub options: RestoreOptions,
}

/// Restores an archive, all of it or nothing.
///
/// # Errors
/// Where the archive cannot be read or decrypted, and as [`transfer::restore`].
pub fn restore(schema: &Schema, request: RestoreRequest, listener: Listener<'_>) -> Result<Restored, ServiceError> {
    let input = request.from.decrypted(&request.keys)?;
    Ok(transfer::restore(&schema.migrator(), input, request.options, listener)?)
}
