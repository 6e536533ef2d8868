//! Reading a table row by row, in the order of its key.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub(crate) use postgres::EPOCH;

use super::{error::TransferError, shape::Table, value::Row};
use crate::conn::Conn;

/// What is done with each row.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&dyn Row) -> Result<(), TransferError>;

/// Hands every row to `each`. One row at a time is in memory.
pub(crate) fn scan(conn: &mut Conn, table: &Table, each: Each<'_>) -> Result<(), TransferError> {
    scan_where(conn, table, "TRUE", each)
}

/// The same with the rows alone that meet a condition, in which the table is `t`.
pub(crate) fn scan_where(conn: &mut Conn, table: &Table, condition: &str, each: Each<'_>) -> Result<(), TransferError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => postgres::scan(pg, table, condition, each),
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(sqlite) => sqlite::scan(sqlite, table, condition, each),
    }
}
