//! A transaction on a pooled connection, for PostgreSQL.

use super::{Inner, Tx, WriteKind, depth, job};
use crate::conn::Conn;
use crate::error::DbError;
use crate::migrate::exists;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

impl Inner {
    pub(super) fn write_pooled<T, E: From<DbError>>(&self, kind: WriteKind, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut pooled = self.checkout()?;
        let conn: &mut Conn = &mut pooled.conn;
        begin(conn, kind)?;
        let outcome = job::run(conn, f);
        match outcome {
            Ok(value) => {
                Conn::commit_transaction(conn).map_err(DbError::from)?;
                Ok(value)
            }
            Err(error) => {
                // A panic may have left nested savepoints open. A rollback that fails leaves a broken connection, which the pool drops;
                // the server rolls back then.
                while depth(conn) > 0 && Conn::rollback_transaction(conn).is_ok() {}
                Err(error)
            }
        }
    }
}

/// Begins a transaction that a freeze has a say in.
fn begin(conn: &mut Conn, kind: WriteKind) -> Result<(), DbError> {
    let outcome = match conn {
        Conn::Pg(pg) => AnsiTransactionManager::begin_transaction_sql(pg, &kind.begin()),
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => return Err(DbError::Data("SQLite has a writer of its own".to_owned())),
    };
    let Err(error) = outcome else { return Ok(()) };
    // The server may have begun it all the same. Where it is gone, this fails too.
    conn.batch_execute("ROLLBACK")?;
    // Before the migration that makes the table, nothing can be frozen.
    if exists(conn, "freezes")? {
        return Err(error.into());
    }
    Ok(Conn::begin_transaction(conn)?)
}
