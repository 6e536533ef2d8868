//! Copying the rows into Lectern's tables, a statement a table.

use super::{
    Adopted, KEPT_IN, emails,
    query::{texts, texts_with},
    statements::STATEMENTS,
};
use crate::{
    conn::{Conn, with_conn},
    error::DbError,
};
use diesel::{RunQueryDsl, connection::SimpleConnection};

/// Fills the tables. What is not as it was counted before fails.
pub(super) fn all(conn: &mut Conn, adopted: &Adopted) -> Result<(), DbError> {
    // A check of each row for itself would take longer than all the rest, and write to every row that is referred to.
    let (drop, add) = foreign_keys(conn)?;
    conn.batch_execute(&drop)?;
    set_time_zone(conn, &adopted.time_zone)?;
    for (table, statement) in STATEMENTS {
        let copied = with_conn!(&mut *conn, c => diesel::sql_query(statement).execute(c))?;
        let expected = adopted.tables.iter().find(|one| one.name == table).map(|one| one.after);
        if i64::try_from(copied).ok() != expected {
            return Err(DbError::Data(format!(
                "{copied} rows were copied into {table}, where {expected:?} were counted: nothing was changed"
            )));
        }
    }
    set_time_zone(conn, "UTC")?;
    emails::set_keys(conn)?;
    let tables = STATEMENTS.map(|(table, _)| table);
    for table in tables.iter().filter(|&&table| table != "stream_source") {
        continue_sequence(conn, table)?;
    }
    conn.batch_execute(&format!("ANALYZE {}", tables.join(", ")))?;
    Ok(conn.batch_execute(&add)?)
}

fn set_time_zone(conn: &mut Conn, zone: &str) -> Result<(), DbError> {
    texts_with(conn, "SELECT set_config('TimeZone', $1, TRUE) AS answer", zone).map(drop)
}

/// Statements that remove the foreign keys, and that add them again.
fn foreign_keys(conn: &mut Conn) -> Result<(String, String), DbError> {
    let mut statements = |what: &str| -> Result<String, DbError> {
        let sql = format!(
            "SELECT format('ALTER TABLE %s {what};', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS answer FROM pg_constraint
              WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conrelid::regclass::text, conname"
        );
        Ok(texts(conn, &sql)?.concat())
    };
    Ok((statements("DROP CONSTRAINT %2$I")?, statements("ADD CONSTRAINT %2$I %3$s")?))
}

/// Goes on where the old numbers ended: a number that was given out must not come again, since tokens and links name it.
fn continue_sequence(conn: &mut Conn, table: &str) -> Result<(), DbError> {
    let sql = format!(
        "SELECT coalesce(setval(pg_get_serial_sequence('{table}', 'id'), greatest(
                    (SELECT max(id) FROM {KEPT_IN}.{table}), (SELECT last_value FROM {KEPT_IN}.{table}_id_seq WHERE is_called))), 0)::text AS answer"
    );
    texts(conn, &sql).map(drop)
}
