//! Migrating SQLite: one exclusive transaction, without foreign keys, which are checked before the commit.

use super::{Applied, Direction, LOCK_TIMEOUT, apply, installation};
use crate::conn::{Backend, Conn};
use crate::error::DbError;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryableByName, RunQueryDsl};
use std::time::Instant;

#[derive(QueryableByName)]
struct Orphans {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// On a connection of its own, which is closed afterwards: a failure rolls back by that.
pub(super) fn migrate(conn: &mut Conn, direction: Direction) -> Result<Vec<Applied>, DbError> {
    // Rebuilding a table would fire its delete rules; inside a transaction the pragma does nothing.
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    let done = {
        let sqlite = match &mut *conn {
            Conn::Sqlite(sqlite) => sqlite,
            #[cfg(feature = "postgres")]
            Conn::Pg(_) => return Err(DbError::Data("this is not SQLite".to_owned())),
        };
        begin_exclusive(sqlite)?;
        apply::run::<Sqlite, _>(sqlite, Backend::Sqlite, direction)?
    };
    if direction == Direction::Up {
        installation::ensure(conn)?;
    }
    let orphans = diesel::sql_query("SELECT \"table\" AS name, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1");
    if let Some(first) = orphans.load::<Orphans>(conn)?.first() {
        let source = format!("{} rows of {} refer to rows that do not exist", first.rows, first.name).into();
        return Err(DbError::Migration { name: "foreign keys".to_owned(), source });
    }
    Conn::commit_transaction(conn)?;
    Ok(done)
}

fn begin_exclusive(sqlite: &mut SqliteConnection) -> Result<(), DbError> {
    let start = Instant::now();
    loop {
        // Each attempt waits for as long as the session's busy timeout.
        match AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN EXCLUSIVE").map_err(DbError::from) {
            Err(DbError::Busy) if start.elapsed() < LOCK_TIMEOUT => {}
            Err(DbError::Busy) => return Err(DbError::MigrationLock { waited: start.elapsed() }),
            outcome => return outcome,
        }
    }
}
