//! The numbers that databases give by themselves.

use crate::{conn::Conn, error::DbError};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};

#[derive(QueryableByName)]
struct Next {
    #[diesel(sql_type = BigInt)]
    next: i64,
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Sequence {
    #[diesel(sql_type = Text)]
    sequence: String,
}

/// The sequence of a table's column that counts by itself, quoted.
#[cfg(feature = "postgres")]
const SEQUENCES: &str = "SELECT * FROM (
        SELECT pg_get_serial_sequence(quote_ident($1), attname) AS sequence
        FROM pg_attribute WHERE attrelid = quote_ident($1)::regclass AND attnum > 0 AND NOT attisdropped) s WHERE sequence IS NOT NULL";

/// The number that a table's next row would get, where it gets one.
pub(crate) fn next(conn: &mut Conn, table: &str) -> Result<Option<i64>, DbError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => {
            let Some(found) = diesel::sql_query(SEQUENCES).bind::<Text, _>(table).load::<Sequence>(pg)?.into_iter().next() else {
                return Ok(None);
            };
            let sql = format!("SELECT last_value + is_called::int AS next FROM {}", found.sequence);
            Ok(Some(diesel::sql_query(sql).get_result::<Next>(pg)?.next))
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(sqlite) => {
            let sql = "SELECT seq + 1 AS next FROM sqlite_sequence WHERE name = $1";
            Ok(diesel::sql_query(sql).bind::<Text, _>(table).load::<Next>(sqlite)?.first().map(|row| row.next))
        }
    }
}

/// Makes a table's next number at least `next`. Part of the transaction.
pub(crate) fn raise(conn: &mut Conn, table: &str, next: i64) -> Result<(), DbError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => {
            for Sequence { sequence } in diesel::sql_query(SEQUENCES).bind::<Text, _>(table).load::<Sequence>(pg)? {
                let sql = format!("SELECT greatest(last_value + is_called::int, {next})::bigint AS next FROM {sequence}");
                let Next { next } = diesel::sql_query(sql).get_result(pg)?;
                // Unlike setval(), this is undone with the transaction.
                diesel::sql_query(format!("ALTER SEQUENCE {sequence} RESTART WITH {next}")).execute(pg)?;
            }
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(sqlite) => {
            let (name, seq) = (table.replace('\'', "''"), next - 1);
            for sql in [
                format!("UPDATE sqlite_sequence SET seq = max(seq, {seq}) WHERE name = '{name}'"),
                format!(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT '{name}', {seq}
                     WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{name}')"
                ),
            ] {
                diesel::sql_query(sql).execute(sqlite)?;
            }
        }
    }
    Ok(())
}
