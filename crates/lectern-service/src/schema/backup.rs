//! Writing the database into an archive.

use super::{
    Schema,
    archives::{Input, Keys, Output, Place, Seal},
};
use crate::ServiceError;
use lectern_persistence::transfer::{self, Backup, BackupOptions, Listener, Manifest};

/// How an archive is made, and of what.
#[derive(Debug, Clone, PartialEq)]
pub struct BackupRequest {
    /// Where it goes.
    pub to: Place,
    /// For whom it is encrypted.
    pub seal: Seal,
    /// Replace a file of that name.
    pub overwrite: bool,
    /// What is taken.
    pub options: BackupOptions,
}

/// An archive that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What is in it.
    pub backup: Backup,
    /// The file's bytes, where it is one.
    pub bytes: Option<u64>,
}

/// Writes one consistent look at the database, which may be in use meanwhile. A file gets its name when it is complete; until then there is none, or
/// the one before.
///
/// # Errors
/// Where the file or the encryption fails, and as [`transfer::backup`].
pub fn backup(schema: &Schema, request: &BackupRequest, listener: Listener<'_>) -> Result<Written, ServiceError> {
    let output = Output::create(&request.to, &request.seal, request.overwrite)?;
    let (output, backup) = transfer::backup(&schema.database, output, request.options, listener)?;
    Ok(Written { backup, bytes: output.finish()? })
}

/// Reads an archive from beginning to end and checks every digest in it. No database is needed.
///
/// # Errors
/// Where it cannot be read or decrypted, or is not what was written.
pub fn verify(from: Input, keys: &Keys, listener: Listener<'_>) -> Result<Manifest, ServiceError> {
    Ok(transfer::verify(from.decrypted(keys)?, listener)?)
}
