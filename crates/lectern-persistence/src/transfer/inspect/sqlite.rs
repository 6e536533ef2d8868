//! SQLite's catalogue. Its types are coarser than ours: the list of known tables tells the rest.

use crate::{
    error::DbError,
    transfer::{
        error::TransferError,
        known::Known,
        shape::{Column, Found, Kind, Reference, Table},
    },
};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
    sqlite::SqliteConnection,
};

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Typed {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    /// The place in the primary key, from 1; 0 outside it.
    #[diesel(sql_type = BigInt)]
    key: i64,
    /// Whether it is never NULL; 0 or 1.
    #[diesel(sql_type = BigInt)]
    required: i64,
}

/// A column of a key, in the key's order.
#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    parent_column: String,
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
const COLUMNS: &str = "SELECT name, upper(type) AS kind, CAST(pk AS BIGINT) AS key, CAST(\"notnull\" AS BIGINT) AS required
    FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid";

/// An index over an expression has a part without a name, and is left to the database.
const UNIQUES: &str = "SELECT i.name AS id, c.name AS name, '' AS parent, '' AS parent_column
    FROM pragma_index_list($1) i, pragma_index_info(i.name) c
    WHERE i.\"unique\" = 1 AND i.origin <> 'pk' AND i.partial = 0
      AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) e WHERE e.name IS NULL)
    ORDER BY i.name, c.seqno";
const REFERENCES: &str = "SELECT CAST(id AS TEXT) AS id, \"from\" AS name, \"table\" AS parent, coalesce(\"to\", '') AS parent_column
    FROM pragma_foreign_key_list($1) ORDER BY id, seq";

/// The names of all tables.
pub(super) fn tables(conn: &mut SqliteConnection) -> Result<Vec<String>, DbError> {
    Ok(diesel::sql_query(TABLES).load::<Name>(conn)?.into_iter().map(|row| row.name).collect())
}

pub(super) fn table(conn: &mut SqliteConnection, known: &Known) -> Result<Found, TransferError> {
    let query = |sql: &str| diesel::sql_query(sql.to_owned()).bind::<Text, _>(known.name.to_owned());
    let found = query(COLUMNS).load::<Typed>(conn).map_err(DbError::from)?;
    let mut key: Vec<&Typed> = found.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    let key = key.into_iter().map(|column| column.name.clone()).collect();
    let columns = found.iter().map(|column| {
        let kind = kind(known, column).ok_or_else(|| {
            TransferError::Unfit(format!("the column {}.{} has the type {}, which no archive holds", known.name, column.name, column.kind))
        })?;
        Ok(Column { name: column.name.clone(), kind })
    });
    let columns = columns.collect::<Result<_, TransferError>>()?;
    let uniques = grouped(query(UNIQUES).load(conn).map_err(DbError::from)?);
    let references = grouped(query(REFERENCES).load(conn).map_err(DbError::from)?);
    Ok(Found {
        table: Table { name: known.name.to_owned(), columns, key },
        uniques: uniques.into_iter().map(|parts| parts.into_iter().map(|part| part.name).collect()).collect(),
        references: references
            .into_iter()
            .map(|parts| Reference {
                parent: parts[0].parent.clone(),
                required: parts.iter().all(|part| found.iter().any(|column| column.name == part.name && column.required != 0)),
                columns: parts.iter().map(|part| part.name.clone()).collect(),
                parent_columns: parts.into_iter().map(|part| part.parent_column).collect(),
            })
            .collect(),
    })
}

/// The parts of each key.
fn grouped(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut groups: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        match groups.last_mut() {
            Some(group) if group[0].id == part.id => group.push(part),
            _ => groups.push(vec![part]),
        }
    }
    groups
}

fn kind(known: &Known, column: &Typed) -> Option<Kind> {
    Some(match column.kind.as_str() {
        "BOOLEAN" => Kind::Boolean,
        "INTEGER" => Kind::Integer,
        "BIGINT" => Kind::Bigint,
        "DOUBLE" | "REAL" => Kind::Double,
        "TEXT" => known.kind(&column.name).unwrap_or(Kind::Text),
        "BLOB" => known.kind(&column.name).unwrap_or(Kind::Bytes),
        _ => return None,
    })
}
