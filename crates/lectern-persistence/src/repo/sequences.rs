//! The counters of columns that number their rows themselves. Rows that were loaded with their ids leave a counter where it was.

use crate::{
    Conn, DbError,
    conn::{Backend, with_conn},
    transfer::is_ours,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};
use std::collections::BTreeMap;

/// The counter of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The number that the next row would have had.
    pub was: i64,
    /// The number that it gets. One past the last number that its column takes where none is left.
    pub next: i64,
}

/// A column that has a counter, with its names as SQL takes them.
#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    column: String,
    #[diesel(sql_type = Text)]
    quoted_table: String,
    #[diesel(sql_type = Text)]
    quoted_column: String,
    /// PostgreSQL's sequence; on SQLite the table.
    #[diesel(sql_type = Text)]
    counter: String,
    /// The highest number that it gives.
    #[diesel(sql_type = BigInt)]
    highest: i64,
    /// Whether the role of the connection may do with the table and the counter what it wants.
    #[diesel(sql_type = Bool)]
    is_owned: bool,
}

/// A sequence of PostgreSQL's.
#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = BigInt)]
    last_value: i64,
    #[diesel(sql_type = Bool)]
    is_called: bool,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Identity columns, serial columns, and columns whose default takes a number from a sequence of nobody's.
const NUMBERED_POSTGRES: &str = r#"
    WITH used AS (
        SELECT refobjid AS relation, refobjsubid AS attribute, objid AS sequence FROM pg_depend
         WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND refobjsubid > 0
        UNION
        SELECT d.adrelid, d.adnum, p.refobjid FROM pg_attrdef d
          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
    )
    SELECT t.relname::text AS table, a.attname::text AS column, t.oid::regclass::text AS quoted_table,
           quote_ident(a.attname) AS quoted_column, s.oid::regclass::text AS counter, q.seqmax AS highest,
           pg_has_role(t.relowner, 'USAGE') AND pg_has_role(s.relowner, 'USAGE') AS is_owned
      FROM used u
      JOIN pg_class s ON s.oid = u.sequence AND s.relkind = 'S'
      JOIN pg_sequence q ON q.seqrelid = s.oid
      JOIN pg_class t ON t.oid = u.relation AND t.relkind IN ('r', 'p') AND t.relnamespace = current_schema()::regnamespace
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.attribute
     ORDER BY 1, 2"#;

const NUMBERED_SQLITE: &str = r#"
    SELECT t.name AS "table", c.name AS "column", '"' || replace(t.name, '"', '""') || '"' AS quoted_table,
           '"' || replace(c.name, '"', '""') || '"' AS quoted_column, t.name AS counter, 9223372036854775807 AS highest, TRUE AS is_owned
      FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.sql LIKE '%AUTOINCREMENT%' AND c.pk = 1
     ORDER BY 1, 2"#;

/// Moves every counter in the catalogue past the numbers that are in its column, and the change log's past the places of those who follow
/// it. None goes back: a number that was given once stays given. Until the transaction ends, nobody else adds rows. Counters of tables that are neither
/// Lectern's nor of the connection's role are left alone ([`passed_by`]).
///
/// # Errors
/// [`DbError`] where the database fails, or a table of Lectern or its counter is somebody else's.
pub fn reset(conn: &mut Conn) -> Result<Vec<Counter>, DbError> {
    reset_those(conn, |one| one.is_owned || is_ours(&one.table))
}

/// The same, of Lectern's tables alone.
pub(crate) fn reset_own(conn: &mut Conn) -> Result<Vec<Counter>, DbError> {
    reset_those(conn, |one| is_ours(&one.table))
}

/// The columns, as `table.column`, whose counters [`reset`] leaves alone since they are somebody else's.
///
/// # Errors
/// Failures of the database.
pub fn passed_by(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let others = numbered(conn)?.into_iter().filter(|one| !one.is_owned && !is_ours(&one.table));
    Ok(others.map(|one| format!("{}.{}", one.table, one.column)).collect())
}

fn reset_those(conn: &mut Conn, which: impl Fn(&Numbered) -> bool) -> Result<Vec<Counter>, DbError> {
    let numbered: Vec<Numbered> = numbered(conn)?.into_iter().filter(which).collect();
    if conn.backend() == Backend::Postgres && !numbered.is_empty() {
        let tables: Vec<&str> = numbered.iter().map(|one| one.quoted_table.as_str()).collect();
        conn.batch_execute(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", ")))?;
    }
    let mut counters = Vec::with_capacity(numbered.len());
    for one in numbered {
        let Numbered { quoted_table, quoted_column, .. } = &one;
        let mut highest = number(conn, &format!("SELECT CAST(coalesce(max({quoted_column}), 0) AS BIGINT) AS number FROM {quoted_table}"))?;
        if one.table == "changes" {
            let followed = "SELECT CAST(coalesce(max(seq), 0) AS BIGINT) AS number FROM follower_cursors";
            highest = highest.max(number(conn, followed)?);
        }
        let was = next(conn, &one)?;
        let next = was.max(highest.saturating_add(1));
        if next > was {
            advance(conn, &one, next)?;
        }
        counters.push(Counter { table: one.table, column: one.column, was, next });
    }
    Ok(counters)
}

/// The number that the next row of each of these tables would have, where the database gives one.
pub(crate) fn nexts(conn: &mut Conn, of: impl Fn(&str) -> bool) -> Result<BTreeMap<String, i64>, DbError> {
    let numbered = numbered(conn)?.into_iter().filter(|one| of(&one.table));
    numbered.map(|one| Ok((one.table.clone(), next(conn, &one)?))).collect()
}

/// Moves counters of tables to where they would be elsewhere, as [`nexts`] says it there; none goes back.
pub(crate) fn raise(conn: &mut Conn, wanted: &BTreeMap<&str, i64>) -> Result<(), DbError> {
    for one in numbered(conn)? {
        if let Some(&wanted) = wanted.get(one.table.as_str())
            && next(conn, &one)? < wanted
        {
            advance(conn, &one, wanted)?;
        }
    }
    Ok(())
}

/// The columns that have a counter.
fn numbered(conn: &mut Conn) -> Result<Vec<Numbered>, DbError> {
    let postgres = conn.backend() == Backend::Postgres;
    let numbered = sql_query(if postgres { NUMBERED_POSTGRES } else { NUMBERED_SQLITE });
    Ok(with_conn!(conn, c => numbered.load(c))?)
}

fn number(conn: &mut Conn, sql: &str) -> Result<i64, DbError> {
    let row: Number = with_conn!(conn, c => sql_query(sql).get_result(c))?;
    Ok(row.number)
}

/// The number that the next row would have; after the last one that the counter gives, one more. Counters that count down or in steps of their own are none
/// of ours; they count as in steps of 1.
fn next(conn: &mut Conn, one: &Numbered) -> Result<i64, DbError> {
    match conn.backend() {
        Backend::Postgres => {
            let sql = format!("SELECT last_value, is_called FROM {}", one.counter);
            let State { last_value, is_called } = with_conn!(conn, c => sql_query(sql).get_result(c))?;
            Ok(last_value.saturating_add(is_called.into()))
        }
        Backend::Sqlite => {
            let sql = "SELECT CAST(coalesce(max(seq), 0) + 1 AS BIGINT) AS number FROM sqlite_sequence WHERE name = $1";
            let row: Number = with_conn!(conn, c => sql_query(sql).bind::<Text, _>(&one.counter).get_result(c))?;
            Ok(row.number)
        }
    }
}

/// Sets a counter, which goes back where the transaction is rolled back. One that has no number left is set to the last one, and says so itself to whoever
/// asks for another.
fn advance(conn: &mut Conn, one: &Numbered, next: i64) -> Result<(), DbError> {
    if conn.backend() == Backend::Postgres {
        let counter = &one.counter;
        if next <= one.highest {
            return Ok(conn.batch_execute(&format!("ALTER SEQUENCE {counter} RESTART WITH {next}"))?);
        }
        // ALTER alone is undone with its transaction, and so is what is done to the sequence after it.
        let (last, name) = (one.highest, counter.replace('\'', "''"));
        return Ok(conn.batch_execute(&format!("ALTER SEQUENCE {counter} RESTART WITH {last}; SELECT setval('{name}', {last}, TRUE)"))?);
    }
    // SQLite's own table has no key to conflict with.
    let delete = sql_query("DELETE FROM sqlite_sequence WHERE name = $1").bind::<Text, _>(&one.counter);
    with_conn!(&mut *conn, c => delete.execute(c))?;
    let insert = sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)").bind::<Text, _>(&one.counter);
    with_conn!(conn, c => insert.bind::<BigInt, _>(next - 1).execute(c))?;
    Ok(())
}
