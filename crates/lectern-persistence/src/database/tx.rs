//! A transaction under way, and the entries that it leaves in the change log.

use crate::conn::{Conn, with_conn};
use crate::error::DbError;
use crate::schema::changes;
use crate::types::{Timestamp, UuidValue};
use diesel::{Insertable, RunQueryDsl};
use lectern_domain::change::{ChangeKind, NewChange};
use uuid::Uuid;

/// The lock under which entries of the change log get their numbers on PostgreSQL, so that the order of numbers is the order of
/// commits. Any number does; no other lock may have it.
#[cfg(feature = "postgres")]
pub(crate) const LOG_LOCK: i64 = 0x6c65_6374_6c6f_6701;

/// How many entries go into one statement: PostgreSQL allows 65,535 parameters, SQLite 32,766.
const BATCH: usize = 1_000;

/// A transaction. It is committed when its closure returns `Ok`, and rolled back otherwise.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    log: Vec<NewChange>,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c mut Conn) -> Self {
        Self { conn, log: Vec::new() }
    }

    /// The connection, inside the transaction. Its own `transaction` nests.
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Adds an entry to the change log. Entries are written in this order as the transaction's last statement: numbered
    /// earlier, they could become visible after a higher number.
    pub fn log(&mut self, change: NewChange) {
        self.log.push(change);
    }

    /// Writes what was logged. Nothing may be written after it but the commit.
    pub(crate) fn finish(self) -> Result<(), DbError> {
        if self.log.is_empty() {
            return Ok(());
        }
        match &mut *self.conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(pg) => {
                use diesel::sql_types::BigInt;
                diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOG_LOCK).execute(pg)?;
            }
            // The one writer is alone.
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => {}
        }
        let at = Timestamp::now();
        let entries: Vec<Entry> = self.log.into_iter().map(|change| Entry::new(change, at)).collect();
        for batch in entries.chunks(BATCH) {
            with_conn!(&mut *self.conn, c => diesel::insert_into(changes::table).values(batch).execute(c))?;
        }
        Ok(())
    }
}

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct Entry {
    entry_id: UuidValue,
    kind: &'static str,
    collection_id: i32,
    document_id: i32,
    version_id: UuidValue,
    chunking: String,
    chunk_count: i32,
    model_id: Option<i32>,
    at: Timestamp,
}

impl Entry {
    fn new(change: NewChange, at: Timestamp) -> Self {
        Self {
            entry_id: UuidValue(Uuid::new_v4()),
            kind: change.kind.as_str(),
            collection_id: change.collection.0,
            document_id: change.document.0,
            version_id: UuidValue(change.version.0),
            chunking: change.chunking,
            chunk_count: i32::try_from(change.chunks).unwrap_or(i32::MAX),
            model_id: match change.kind {
                ChangeKind::Embedded(model) => Some(model.0),
                ChangeKind::Put | ChangeKind::Delete => None,
            },
            at,
        }
    }
}
