//! What a table holds, in one number.

use super::{
    backup::value,
    error::TransferError,
    line::{Lines, Sum},
    scan::scan_where,
    shape::Table,
};
use crate::conn::Conn;

/// Reads a table and sums it up as an archive would.
pub(crate) fn digest(conn: &mut Conn, table: &Table, each: &mut dyn FnMut()) -> Result<Sum, TransferError> {
    digest_where(conn, table, "TRUE", each)
}

/// The same with the rows alone that meet a condition, in which the table is `t`.
pub(crate) fn digest_where(conn: &mut Conn, table: &Table, condition: &str, each: &mut dyn FnMut()) -> Result<Sum, TransferError> {
    let mut lines = Lines::new(table);
    let mut line = Vec::new();
    scan_where(conn, table, condition, &mut |row| {
        line.clear();
        lines.add(row, &mut line).map_err(|bad| value(&table.name, bad))?;
        each();
        Ok(())
    })?;
    Ok(lines.finish())
}
