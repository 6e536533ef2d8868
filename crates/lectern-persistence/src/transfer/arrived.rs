//! The keys of the rows that an archive has for a table with rows of its own: these rows must stand there in the end, and what the archive's
//! other rows refer to must be among them.

use super::{
    error::TransferError,
    line::cut,
    merge::shown,
    shape::{Found, Table, list, quoted},
};
use crate::conn::{Backend, Conn, with_conn};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The keys of a table's rows that came.
pub(crate) struct Arrived {
    table: String,
    /// The table that has them; it is gone with the transaction or the session.
    keys: String,
    columns: Vec<String>,
}

impl Arrived {
    /// Makes room for the keys; `number` is one that no other table's has.
    pub(crate) fn begin(conn: &mut Conn, number: usize, table: &Table) -> Result<Self, TransferError> {
        let keys = format!("lectern_keys_{number}");
        let (columns, from) = (list(table.key.iter().map(String::as_str)), quoted(&table.name));
        conn.batch_execute(&match conn.backend() {
            Backend::Postgres => format!("CREATE TEMP TABLE {keys} ON COMMIT DROP AS SELECT {columns} FROM {from} WITH NO DATA"),
            Backend::Sqlite => format!("CREATE TEMP TABLE {keys} AS SELECT {columns} FROM {from} WHERE FALSE"),
        })?;
        Ok(Self { table: table.name.clone(), keys, columns: table.key.clone() })
    }

    /// Adds the keys of the rows in `stage`.
    pub(crate) fn add(&self, conn: &mut Conn, stage: &str) -> Result<(), TransferError> {
        let columns = list(self.columns.iter().map(String::as_str));
        Ok(conn.batch_execute(&format!("INSERT INTO {} SELECT {columns} FROM {stage}", self.keys))?)
    }

    /// No more come: from now on they are looked up.
    pub(crate) fn end(&self, conn: &mut Conn) -> Result<(), TransferError> {
        let (keys, columns) = (&self.keys, list(self.columns.iter().map(String::as_str)));
        Ok(conn.batch_execute(&match conn.backend() {
            Backend::Postgres => format!("CREATE INDEX ON {keys} ({columns}); ANALYZE {keys}"),
            Backend::Sqlite => format!("CREATE INDEX temp.{keys}_key ON {keys} ({columns})"),
        })?)
    }

    /// The table.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// The condition that a row of the table came.
    pub(crate) fn has(&self, row: &str) -> String {
        let same: Vec<String> = self.columns.iter().map(|column| format!("k.{0} = {row}.{0}", quoted(column))).collect();
        format!("EXISTS (SELECT 1 FROM {} k WHERE {})", self.keys, same.join(" AND "))
    }
}

/// Refuses rows of an archive, in `from`, that refer to rows which are not in it: what the database has under their keys may be other things. Those of
/// tables that had no rows are the archive's in any case, and are not in `had_rows`.
pub(crate) fn check_parents(
    conn: &mut Conn,
    from: &str,
    found: &Found,
    arrived: &[Arrived],
    had_rows: impl Fn(&str) -> bool,
) -> Result<(), TransferError> {
    let Found { table, references, .. } = found;
    for reference in references.iter().filter(|reference| reference.parent != table.name && had_rows(&reference.parent)) {
        let refers = reference.columns.iter().map(|column| format!("c.{} IS NOT NULL", quoted(column)));
        let pairs = reference.columns.iter().zip(&reference.parent_columns);
        let same = pairs.map(|(child, parent)| format!("p.{} = c.{}", quoted(parent), quoted(child)));
        let came = arrived.iter().find(|arrived| arrived.table() == reference.parent).map_or("FALSE".to_owned(), |there| there.has("p"));
        let sql = format!(
            "SELECT {} AS name FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {} AND {came}) LIMIT 1",
            shown(table, "c", conn.backend()),
            quoted(from),
            refers.collect::<Vec<_>>().join(" AND "),
            quoted(&reference.parent),
            same.collect::<Vec<_>>().join(" AND ")
        );
        let missing: Vec<Named> = with_conn!(&mut *conn, c => diesel::sql_query(sql).load(c))?;
        if let Some(Named { name }) = missing.into_iter().next() {
            let why = format!("it refers to a row of {} that the archive does not have", reference.parent);
            return Err(TransferError::Conflict { table: table.name.clone(), row: cut(name), why });
        }
    }
    Ok(())
}
