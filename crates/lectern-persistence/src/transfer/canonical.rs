//! SQLite compares documents by their spelling; this function makes it compare what they mean.

use super::json;
use crate::error::DbError;
use diesel::{
    declare_sql_function,
    sql_types::{Nullable, Text},
    sqlite::SqliteConnection,
};

#[declare_sql_function]
extern "SQL" {
    /// The one spelling of a document; a text that is none stays as it is.
    fn lectern_canonical_json(document: Nullable<Text>) -> Nullable<Text>;
}

/// Adds the function to a connection.
pub(crate) fn register(conn: &mut SqliteConnection) -> Result<(), DbError> {
    lectern_canonical_json_utils::register_impl(conn, |document: Option<String>| {
        document.map(|document| {
            let mut out = Vec::new();
            match json::write_canonical(&document, &mut out) {
                Ok(()) => String::from_utf8(out).unwrap_or(document),
                Err(_) => document,
            }
        })
    })?;
    Ok(())
}
