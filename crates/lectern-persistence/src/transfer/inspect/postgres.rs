//! PostgreSQL's catalogue.

use crate::{
    error::DbError,
    transfer::{
        error::TransferError,
        shape::{Column, Found, Kind, Reference, Table},
    },
};
use diesel::{
    QueryableByName, RunQueryDsl,
    pg::PgConnection,
    sql_types::{Array, Bool, Text},
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
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Bool)]
    is_primary: bool,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
}

#[derive(QueryableByName)]
struct Foreign {
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    parent_columns: Vec<String>,
    #[diesel(sql_type = Bool)]
    required: bool,
}

const TABLES: &str =
    "SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY 1";

/// What is computed from other columns is computed again.
const COLUMNS: &str = "SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS kind FROM pg_attribute a
    WHERE a.attrelid = quote_ident($1)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum";

/// Keys over expressions or over some rows only are left to the database.
const KEYS: &str = "SELECT x.indisprimary AS is_primary,
        ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
              JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number WHERE k.place <= x.indnkeyatts ORDER BY k.place) AS columns
    FROM pg_index x WHERE x.indrelid = quote_ident($1)::regclass AND x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL
    ORDER BY x.indexrelid";

const REFERENCES: &str = "SELECT p.relname::text AS parent,
        ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
        ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(number, place)
              JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place) AS parent_columns,
        NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) AND NOT a.attnotnull) AS required
    FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
    WHERE c.contype = 'f' AND c.conrelid = quote_ident($1)::regclass ORDER BY c.conname";

/// The names of all tables.
pub(super) fn tables(conn: &mut PgConnection) -> Result<Vec<String>, DbError> {
    Ok(diesel::sql_query(TABLES).load::<Name>(conn)?.into_iter().map(|row| row.name).collect())
}

pub(super) fn table(conn: &mut PgConnection, name: &str) -> Result<Found, TransferError> {
    let query = |sql: &str| diesel::sql_query(sql.to_owned()).bind::<Text, _>(name.to_owned());
    let columns = query(COLUMNS).load::<Typed>(conn).map_err(DbError::from)?.into_iter().map(|column| {
        let kind = kind(&column.kind).ok_or_else(|| {
            TransferError::Unfit(format!("the column {name}.{} has the type {}, which no archive holds", column.name, column.kind))
        })?;
        Ok(Column { name: column.name, kind })
    });
    let columns = columns.collect::<Result<_, TransferError>>()?;
    let (primary, uniques): (Vec<_>, Vec<_>) =
        query(KEYS).load::<Key>(conn).map_err(DbError::from)?.into_iter().partition(|key| key.is_primary);
    let references = query(REFERENCES).load::<Foreign>(conn).map_err(DbError::from)?;
    Ok(Found {
        table: Table { name: name.to_owned(), columns, key: primary.into_iter().flat_map(|key| key.columns).collect() },
        uniques: uniques.into_iter().map(|key| key.columns).collect(),
        references: references
            .into_iter()
            .map(|key| Reference { columns: key.columns, parent: key.parent, parent_columns: key.parent_columns, required: key.required })
            .collect(),
    })
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer,
        "bigint" => Kind::Bigint,
        "double precision" => Kind::Double,
        "text" | "character varying" => Kind::Text,
        "jsonb" => Kind::Json,
        "timestamp with time zone" => Kind::Timestamp,
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytes,
        _ => return None,
    })
}
