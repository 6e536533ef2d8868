//! What a database tells of itself.

use crate::{
    conn::{Backend, Conn, with_conn},
    error::DbError,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{BigInt, Text},
};

/// A table's size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub name: String,
    /// Its rows, counted.
    pub rows: i64,
    /// Its bytes on the disk, indexes included.
    pub bytes: i64,
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Every table, by name, with exact rows: that reads all of them.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn tables(conn: &mut Conn) -> Result<Vec<TableSize>, DbError> {
    let sql = match conn.backend() {
        Backend::Postgres => {
            "SELECT relname::text AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
              WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1"
        }
        // Indexes count for their table.
        Backend::Sqlite => {
            "SELECT s.tbl_name AS name, CAST(sum(coalesce(d.pgsize, 0)) AS BIGINT) AS bytes
               FROM sqlite_schema s LEFT JOIN dbstat d ON d.name = s.name AND d.aggregate = 1
              WHERE s.type IN ('table', 'index') AND s.tbl_name NOT LIKE 'sqlite_%' GROUP BY 1 ORDER BY 1"
        }
    };
    let tables: Vec<Bytes> = with_conn!(&mut *conn, c => diesel::sql_query(sql).load(c))?;
    let mut sizes = Vec::with_capacity(tables.len());
    for Bytes { name, bytes } in tables {
        let count = format!("SELECT count(*) AS rows FROM \"{}\"", name.replace('"', "\"\""));
        let Rows { rows } = with_conn!(&mut *conn, c => diesel::sql_query(count).get_result(c))?;
        sizes.push(TableSize { name, rows, bytes });
    }
    Ok(sizes)
}

/// What the server is, and how much it keeps.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct About {
    /// The version of PostgreSQL or SQLite.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// The database's bytes on the disk.
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
}

/// What the server is, and how much this database keeps there.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn about(conn: &mut Conn) -> Result<About, DbError> {
    let sql = match conn.backend() {
        Backend::Postgres => "SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes",
        Backend::Sqlite => {
            "SELECT sqlite_version() AS version, CAST(page_count * page_size AS BIGINT) AS bytes FROM pragma_page_count, pragma_page_size"
        }
    };
    Ok(with_conn!(conn, c => diesel::sql_query(sql).get_result(c))?)
}

/// Asks for nothing, and waits for the answer.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn ping(conn: &mut Conn) -> Result<(), DbError> {
    Ok(conn.batch_execute("SELECT 1")?)
}
