//! Which tables a migration keeps from everybody else while it runs.

use crate::{
    conn::{Backend, Conn, with_conn},
    error::DbError,
};
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(conn: &mut Conn, sql: &str) -> Result<Vec<String>, DbError> {
    let rows: Vec<Table> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// The tables that there are.
pub(super) fn tables(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    match conn.backend() {
        Backend::Postgres => names(conn, "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') ORDER BY 1"),
        // A transaction has the whole file.
        Backend::Sqlite => names(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"),
    }
}

/// Those among `before` that this transaction keeps others from reading or writing.
pub(super) fn held(conn: &mut Conn, before: &[String]) -> Result<Vec<String>, DbError> {
    let held = match conn.backend() {
        Backend::Postgres => names(
            conn,
            "SELECT DISTINCT l.relation::regclass::text AS name FROM pg_locks l
              WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
                AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY 1",
        )?,
        Backend::Sqlite => return Ok(before.to_vec()),
    };
    Ok(held.into_iter().filter(|name| before.contains(name)).collect())
}
