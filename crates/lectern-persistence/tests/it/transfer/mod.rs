//! Rows travel: archives and back, on every pair of backends.

mod archives;
mod checkpoints;
mod conflicts;
mod copies;
mod cut_over;
mod last_numbers;
mod limits;
mod others;
mod places;
mod role;
mod round_trips;
mod strangers;

use lectern_persistence::{
    Database,
    migrate::Migrator,
    transfer::{self, BackupOptions, Manifest, RestoreOptions, Restored, TransferError},
};
use lectern_testkit::{TestDatabase, database::full};
use std::{collections::BTreeMap, io::Cursor};

/// The database's archive, and what it says of itself.
fn archive(database: &Database) -> (Vec<u8>, Manifest) {
    let (bytes, backup) = transfer::backup(database, Vec::new(), BackupOptions::default(), &mut |_| {}).expect("a backup");
    (bytes, backup.manifest)
}

fn restore_with(database: &Database, archive: &[u8], options: RestoreOptions) -> Result<Restored, TransferError> {
    transfer::restore(&Migrator::new(database), Cursor::new(archive), options, &mut |_| {})
}

fn restore(database: &Database, archive: &[u8]) -> Result<Restored, TransferError> {
    restore_with(database, archive, RestoreOptions { without_checkpoints: true, ..RestoreOptions::default() })
}

/// What is not archived: it describes one database, or those who follow it.
const LEFT: [&str; 5] = ["changes", "followers", "follower_cursors", "dead_letters", "leases"];

/// What means nothing to the other backend.
const OF_BACKEND: [&str; 4] = ["checkpoints", "checkpoint_blobs", "checkpoint_writes", "writes"];

/// The rows of all tables that are archived, and mean something to either backend.
fn rows(database: &Database) -> BTreeMap<String, Vec<String>> {
    let mut rows = full::rows(database);
    rows.retain(|table, _| !LEFT.contains(&table.as_str()) && !OF_BACKEND.contains(&table.as_str()));
    rows
}

#[track_caller]
fn assert_same(one: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (table, rows) in one {
        assert_eq!(rows, &other[table], "{table}");
    }
}

/// A new database of a backend, migrated or before any migration.
fn another(name: &str, empty: bool) -> TestDatabase {
    let all = if empty { TestDatabase::all_empty() } else { TestDatabase::all() };
    all.into_iter().find(|database| database.name() == name).expect("there was one before")
}

/// The digests of the tables.
fn digests(manifest: &Manifest) -> Vec<(&str, &str)> {
    let tables = manifest.tables.iter().filter(|table| !OF_BACKEND.contains(&table.head.table.name.as_str()));
    tables.map(|table| (table.head.table.name.as_str(), table.sha256.as_str())).collect()
}
