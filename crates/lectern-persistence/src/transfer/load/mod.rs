//! Writing rows into a table.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::{error::TransferError, parse::Line, shape::Table};
use crate::conn::Conn;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Sees every row on its way.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(&Line<'_>) -> Result<(), TransferError>;

/// Writes the rows of a part into `into`, which is the table or one of the same columns. How many there were.
pub(crate) fn load(conn: &mut Conn, into: &str, table: &Table, part: &[u8], watch: Watch<'_>) -> Result<u64, TransferError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => postgres::load(pg, into, table, part, watch),
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(sqlite) => sqlite::load(sqlite, into, table, part, watch),
    }
}

/// What a database said about rows that it did not take, with the values that it names.
pub(crate) fn refused(table: &str, error: DieselError) -> TransferError {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => error.into(),
        DieselError::DatabaseError(_, info) => {
            let details = info.details().map(|details| format!(": {details}")).unwrap_or_default();
            let advice = if is_full(info.message()) { ": make room on the disk of the database, and try again" } else { "" };
            TransferError::Refused { table: table.to_owned(), why: format!("{}{details}{advice}", info.message()) }
        }
        error => error.into(),
    }
}

/// Whether the database says that its disk is full, in one of the ways in which SQLite and PostgreSQL do. Diesel does not tell PostgreSQL's code for it, and a
/// server that speaks another language says it in that: then its own words are told without the advice.
fn is_full(message: &str) -> bool {
    ["database or disk is full", "disk I/O error", "No space left on device", "File too large"].iter().any(|told| message.contains(told))
}

/// A value of a line that can't be read.
fn unreadable(table: &Table, line: &Line<'_>, column: usize, why: String) -> TransferError {
    let row = super::line::key(table, line);
    TransferError::Value { table: table.name.clone(), row, column: table.columns[column].name.clone(), why }
}
