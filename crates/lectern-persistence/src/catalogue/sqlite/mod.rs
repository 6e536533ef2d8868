//! SQLite's catalogue: the statements that made the tables, read again. Its pragmas tell neither the names of constraints nor conditions.

mod clauses;
mod statement;
mod tokens;

use super::Catalogue;
use crate::error::DbError;
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{Nullable, Text},
    sqlite::SqliteConnection,
};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    sql: Option<String>,
}

pub(super) fn read(conn: &mut SqliteConnection) -> Result<Catalogue, DbError> {
    // SQLite's own tables, and indexes that constraints made, have no statement or a name of its own. Virtual tables are left out.
    let sql = "SELECT type AS kind, name, tbl_name AS table_name, sql FROM sqlite_schema
        WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND (type IN ('index', 'trigger') OR type = 'table' AND sql LIKE 'CREATE TABLE%')";
    let mut catalogue = Catalogue::default();
    for Row { kind, name, table_name, sql } in diesel::sql_query(sql).load::<Row>(conn)? {
        let (name, table) = (name.to_ascii_lowercase(), table_name.to_ascii_lowercase());
        let tokens = tokens::tokens(&sql.unwrap_or_default());
        match kind.as_str() {
            "table" => statement::table(&mut catalogue, &table, &tokens),
            "index" => statement::index(&mut catalogue, &table, name, &tokens),
            _ => statement::trigger(&mut catalogue, &table, name, &tokens),
        }
    }
    Ok(catalogue)
}
