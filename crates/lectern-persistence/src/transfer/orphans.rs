//! Rows that refer to rows that do not exist.

use super::{
    error::TransferError,
    inspect::Inspection,
    line::cut,
    merge::shown,
    shape::{Found, Reference, quoted},
};
use crate::conn::{Backend, Conn, with_conn};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// The first orphan of a reference, and how many there are.
pub(crate) fn find(conn: &mut Conn, found: &Found, reference: &Reference) -> Result<Option<(String, u64)>, TransferError> {
    let is_there: Vec<String> = reference.columns.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column))).collect();
    let pairs = reference.columns.iter().zip(&reference.parent_columns);
    let same: Vec<String> = pairs.map(|(child, parent)| format!("p.{} = c.{}", quoted(parent), quoted(child))).collect();
    let sql = format!(
        "SELECT {} AS name, count(*) OVER () AS rows FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LIMIT 1",
        shown(&found.table, "c", conn.backend()),
        quoted(&found.table.name),
        is_there.join(" AND "),
        quoted(&reference.parent),
        same.join(" AND ")
    );
    let rows: Vec<Shown> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
    Ok(rows.into_iter().next().map(|first| (cut(first.name), u64::try_from(first.rows).unwrap_or_default())))
}

/// SQLite does not look at references while its migrations are locked: they are looked at here. PostgreSQL looked at each row.
pub(crate) fn check_sqlite(conn: &mut Conn, inspection: &Inspection) -> Result<(), TransferError> {
    if conn.backend() != Backend::Sqlite {
        return Ok(());
    }
    for found in &inspection.tables {
        for reference in &found.references {
            if let Some((row, _)) = find(conn, found, reference)? {
                return Err(TransferError::Orphan { table: found.table.name.clone(), row, parent: reference.parent.clone() });
            }
        }
    }
    Ok(())
}
