//! One database's rows into another.

use super::Schema;
use crate::ServiceError;
use lectern_persistence::{
    Removal, Scratch,
    migrate::{Applied, Migrator, Revision, UpgradeOptions},
    transfer::{self, Copied, CopyOptions, Listener},
};

/// Copies a consistent snapshot of a database, which may be in use meanwhile, into another one.
///
/// # Errors
/// As [`transfer::copy`].
pub fn copy(from: &Schema, to: &Schema, options: CopyOptions, listener: Listener<'_>) -> Result<Copied, ServiceError> {
    Ok(transfer::copy(&from.database, &to.migrator(), options, listener)?)
}

/// What an upgrade of a database would be.
#[derive(Debug)]
pub struct Rehearsal {
    /// What was copied to try it on.
    pub copied: Copied,
    /// The migrations, with their times.
    pub applied: Vec<Applied>,
}

/// Copies the database into one that is gone afterwards, and upgrades that. `removal` removes it before its time.
///
/// # Errors
/// Where no database can be made beside this one, what [`copy`] fails with, and a migration that fails.
pub fn rehearse(
    schema: &Schema,
    to: &Revision,
    without_vectors: bool,
    removal: &Removal,
    listener: Listener<'_>,
) -> Result<Rehearsal, ServiceError> {
    let scratch = Scratch::removable(schema.database.url(), removal)?;
    let migrator = Migrator::with_scripts(scratch.database(), schema.scripts().to_vec());
    // No migration changes checkpoints: LangGraph does.
    let options = CopyOptions { without_vectors, without_checkpoints: true, ..CopyOptions::default() };
    let copied = transfer::copy(&schema.database, &migrator, options, listener)?;
    let applied = migrator.upgrade(to, UpgradeOptions::default())?;
    Ok(Rehearsal { copied, applied })
}
