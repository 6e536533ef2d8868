//! Writing down what migrations do: they are run one after the other, and the catalogue is read after each.

use super::{Migrator, Revision, Script, UpgradeOptions};
use crate::{
    catalogue::Catalogue,
    conn::DatabaseUrl,
    database::{Database, Scratch},
    error::DbError,
};

/// What a migration did to an empty database in which all before it had run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The migration's name.
    pub name: String,
    /// What it did to the catalogue; what its `catalogue.txt` should say.
    pub changes: String,
    /// Whether its `catalogue.txt` says so.
    pub is_written: bool,
}

/// Runs migrations in a database that is made beside `url` for that, and gone afterwards.
///
/// # Errors
/// [`DbError::Migration`] where one fails, and failures of the database.
pub fn record(url: &DatabaseUrl, scripts: &[Script]) -> Result<Vec<Recording>, DbError> {
    let scratch = Scratch::beside(url)?;
    let migrator = Migrator::with_scripts(scratch.database(), scripts.to_vec());
    let mut before = read(scratch.database())?;
    let mut recordings = Vec::with_capacity(scripts.len());
    for script in &migrator.scripts {
        migrator.upgrade(&Revision::Version(script.version.clone()), UpgradeOptions::default())?;
        let after = read(scratch.database())?;
        let changes = before.changes_to(&after);
        let is_written = script.catalogue.as_ref().is_some_and(|written| written.replace("\r\n", "\n") == changes);
        recordings.push(Recording { name: script.name.clone(), changes, is_written });
        before = after;
    }
    Ok(recordings)
}

fn read(database: &Database) -> Result<Catalogue, DbError> {
    database.read(Catalogue::read)
}
