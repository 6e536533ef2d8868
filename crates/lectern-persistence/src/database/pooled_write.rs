//! A transaction on a pooled connection, for PostgreSQL.

use super::{Inner, Tx, depth, job};
use crate::conn::Conn;
use crate::error::DbError;
use diesel::connection::TransactionManager;

impl Inner {
    pub(super) fn write_pooled<T, E: From<DbError>>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut pooled = self.checkout()?;
        let conn: &mut Conn = &mut pooled.conn;
        Conn::begin_transaction(conn).map_err(DbError::from)?;
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
