//! Where a database's rows were copied from, and what the copy left in each table.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::copies,
    types::{Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::ids::InstallationId;

/// What a copy left in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopiedRows {
    /// The table.
    pub(crate) table: String,
    /// How many rows it had.
    pub(crate) rows: u64,
    /// Their SHA-256, as hexadecimal digits.
    pub(crate) sha256: String,
    /// The database that they came from.
    pub(crate) origin: InstallationId,
    /// When they came.
    pub(crate) at: DateTime<Utc>,
}

/// What the last copy left, by table; nothing where the database is no copy.
pub(crate) fn list(conn: &mut Conn) -> Result<Vec<CopiedRows>, DbError> {
    let columns = (copies::table_name, copies::row_count, copies::sha256, copies::origin, copies::copied_at);
    let query = copies::table.select(columns).order(copies::table_name);
    let rows: Vec<(String, i64, String, UuidValue, Timestamp)> = with_conn!(conn, c => query.load(c))?;
    rows.into_iter()
        .map(|(table, rows, sha256, origin, at)| {
            let rows = u64::try_from(rows).map_err(DbError::corrupt("copies"))?;
            Ok(CopiedRows { table, rows, sha256, origin: InstallationId(origin.0), at: at.0 })
        })
        .collect()
}

/// Puts this in the place of what was there.
pub(crate) fn replace(conn: &mut Conn, all: &[CopiedRows]) -> Result<(), DbError> {
    with_conn!(&mut *conn, c => diesel::delete(copies::table).execute(c))?;
    for CopiedRows { table, rows, sha256, origin, at } in all {
        let row = (
            copies::table_name.eq(table),
            copies::row_count.eq(i64::try_from(*rows).map_err(DbError::corrupt("copies"))?),
            copies::sha256.eq(sha256),
            copies::origin.eq(UuidValue(origin.0)),
            copies::copied_at.eq(Timestamp(*at)),
        );
        with_conn!(&mut *conn, c => diesel::insert_into(copies::table).values(row).execute(c))?;
    }
    Ok(())
}
