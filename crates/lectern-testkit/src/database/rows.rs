//! Every row of every table, as text, for comparing what two moments or two databases hold.

use super::TestDatabase;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use lectern_persistence::{Backend, Conn, Database, DbError};
use std::collections::BTreeMap;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn read(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// The answers of a query with one text column `line`.
pub fn lines(database: &Database, sql: &str) -> Vec<String> {
    database.read::<_, DbError>(|conn| Ok(read(conn, sql))).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

impl TestDatabase {
    /// The rows of every table but some, in an order of their own.
    pub fn rows_but_of(&self, left_out: &[&str]) -> BTreeMap<String, Vec<String>> {
        let found = self.database().read::<_, DbError>(|conn| {
            let postgres = conn.backend() == Backend::Postgres;
            let tables = if postgres {
                "SELECT relname::text AS line FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            } else {
                "SELECT name AS line FROM sqlite_schema WHERE type = 'table'"
            };
            let tables = read(conn, tables).into_iter().filter(|table| !left_out.contains(&table.as_str()));
            let rows = tables.map(|table| {
                let row = if postgres {
                    "r::text".to_owned()
                } else {
                    let columns = read(conn, &format!("SELECT name AS line FROM pragma_table_info('{table}')"));
                    let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                    format!("concat_ws(',', {})", quoted.join(", "))
                };
                let rows = read(conn, &format!("SELECT {row} AS line FROM \"{table}\" r ORDER BY 1"));
                (table, rows)
            });
            Ok(rows.collect())
        });
        found.unwrap_or_else(|error| panic!("on {}: {error}", self.name()))
    }
}
