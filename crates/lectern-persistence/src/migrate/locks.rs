//! Which tables a migration keeps from everybody else while it runs.

use crate::{
    conn::{Backend, Conn, with_conn},
    error::DbError,
};
use diesel::{QueryableByName, RunQueryDsl, sql_types::Text};
use std::collections::HashSet;

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(conn: &mut Conn, sql: &str) -> Result<Vec<String>, DbError> {
    let rows: Vec<Table> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// What there was before a migration that is only tried.
pub(super) struct Before {
    /// The tables.
    tables: Vec<String>,
    /// Those that the transaction keeps from others already, for migrations before: each of these is to be a transaction of its own.
    held: Vec<String>,
}

impl Before {
    pub(super) fn read(conn: &mut Conn) -> Result<Self, DbError> {
        let tables = match conn.backend() {
            Backend::Postgres => names(conn, "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p') ORDER BY 1"),
            Backend::Sqlite => names(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"),
        }?;
        // The tables that record migrations are nobody else's.
        let tables = tables.into_iter().filter(|name| !name.starts_with("__")).collect();
        Ok(Self { tables, held: held(conn)? })
    }

    /// The tables that others could not read or write to since, for a script: those whose lock is new, and those with an older one that it
    /// names.
    pub(super) fn locked_since(self, conn: &mut Conn, script: &str) -> Result<Vec<String>, DbError> {
        if conn.backend() == Backend::Sqlite {
            // A transaction has the whole file.
            return Ok(self.tables);
        }
        let now = held(conn)?;
        let words: HashSet<&str> = script.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
        let is_locked = |name: &String| now.contains(name) && (!self.held.contains(name) || words.contains(name.as_str()));
        Ok(self.tables.iter().filter(|name| is_locked(name)).cloned().collect())
    }
}

/// The tables that this transaction keeps others from reading or writing.
fn held(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    match conn.backend() {
        Backend::Postgres => names(
            conn,
            "SELECT DISTINCT l.relation::regclass::text AS name FROM pg_locks l
              WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
                AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') ORDER BY 1",
        ),
        Backend::Sqlite => Ok(Vec::new()),
    }
}
