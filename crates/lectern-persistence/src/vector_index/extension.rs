//! The extension itself.

use super::pg;
use crate::{Conn, DbError};
use diesel::{RunQueryDsl, connection::SimpleConnection, result::OptionalExtension, sql_query, sql_types::Text};

/// The oldest version that scans on where a filter leaves too little.
pub const OLDEST: (u32, u32) = (0, 8);

/// The schema of the tables.
pub(super) const SCHEMA: &str = "lectern_index";

/// pgvector, as a database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its version.
    pub version: String,
    /// The schema of its types and operators, quoted.
    pub(super) schema: String,
}

impl Extension {
    /// Whether it is as new as [`OLDEST`].
    pub fn is_new_enough(&self) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().ok());
        match (parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor))) => (major, minor) >= OLDEST,
            _ => false,
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    schema: String,
}

/// The extension, where the database has it.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn extension(conn: &mut Conn) -> Result<Option<Extension>, DbError> {
    let query = sql_query(
        "SELECT extversion AS version, quote_ident(nspname) AS schema FROM pg_extension \
         JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'",
    );
    let row: Option<Row> = query.get_result(pg(conn)?).optional()?;
    Ok(row.map(|Row { version, schema }| Extension { version, schema }))
}

/// Makes the extension, the schema and its list of indexes where they are not there.
///
/// # Errors
/// [`DbError`] where the user may not, or the server does not have pgvector.
pub fn prepare(conn: &mut Conn) -> Result<(), DbError> {
    // Processes that come at the same time would disturb each other: IF NOT EXISTS looks before it waits. Statements that are sent together
    // are one transaction, which ends the lock.
    pg(conn)?.batch_execute(&format!(
        "SELECT pg_advisory_xact_lock(hashtextextended('{SCHEMA}', 0)); \
         CREATE EXTENSION IF NOT EXISTS vector; \
         CREATE SCHEMA IF NOT EXISTS {SCHEMA}; \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.indexes ( \
             name text CONSTRAINT indexes_pkey PRIMARY KEY, \
             layout integer NOT NULL, \
             dimensions integer NOT NULL, \
             seq bigint, \
             entry_id uuid \
         )"
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let check = |version: &str, expect: bool| {
            let extension = Extension { version: version.to_owned(), schema: "public".to_owned() };
            assert_eq!(extension.is_new_enough(), expect, "{version}");
        };
        check("0.8.0", true);
        check("0.10", true);
        check("1.0.0", true);
        check("0.7.4", false);
        check("unknown", false);
    }
}
