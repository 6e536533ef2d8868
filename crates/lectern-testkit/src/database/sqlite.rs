//! A fresh file for each test, copied from one that is migrated once a process.

use super::{Schema, options};
use lectern_persistence::{Database, DatabaseUrl, migrate};
use std::fs;
use std::sync::OnceLock;
use tempfile::TempDir;

pub(super) struct File {
    url: DatabaseUrl,
    _folder: TempDir,
}

impl File {
    pub(super) fn new(schema: Schema) -> Self {
        let folder = TempDir::with_prefix("lectern-test-").expect("a temporary folder can be made");
        let path = folder.path().join("lectern.db");
        if schema == Schema::Migrated {
            fs::write(&path, template()).expect("the temporary folder can be written");
        }
        Self { url: DatabaseUrl::sqlite(path), _folder: folder }
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

/// The bytes of a migrated database, complete in one file: its last connection is closed.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = TempDir::with_prefix("lectern-test-").expect("a temporary folder can be made");
        let path = folder.path().join("template.db");
        let database = Database::open(&DatabaseUrl::sqlite(&path), &options()).expect("a new file can be opened");
        migrate::upgrade(&database).expect("a new file can be migrated");
        checkpointed(database);
        fs::read(&path).expect("a new file can be read")
    })
}

/// The pool's connections go when its own threads let them: what is still in the log must be in the file before.
fn checkpointed(database: Database) {
    use diesel::connection::SimpleConnection;
    database
        .read::<(), lectern_persistence::DbError>(
            |conn| Ok(conn.batch_execute("PRAGMA query_only = OFF; PRAGMA wal_checkpoint(TRUNCATE)")?),
        )
        .expect("a new file can be checkpointed");
}
