//! The rows, in the order of their keys.

use super::SeedTable;
use crate::{Conn, DbError, vector_index::pg};
use diesel::{
    RunQueryDsl,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Float, Nullable, Text},
};

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedRow {
    /// Its key, as text.
    pub key: String,
    /// Its text.
    pub text: Option<String>,
    /// Its metadata, as JSON.
    pub metadata: Option<String>,
    /// Its other columns, as a JSON object.
    pub others: String,
    /// Its vector.
    pub vector: Option<Vec<f32>>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    metadata: Option<String>,
    #[diesel(sql_type = Text)]
    others: String,
    #[diesel(sql_type = Nullable<Array<Float>>)]
    vector: Option<Vec<f32>>,
}

/// The next `limit` rows after a key.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page(conn: &mut Conn, of: &SeedTable, after: Option<&str>, limit: i64) -> Result<Vec<SeedRow>, DbError> {
    let SeedTable { table, key, key_type, text, vector, metadata, collection } = of;
    let metadata_sql = metadata.as_ref().map_or("NULL".to_owned(), |column| format!("{column}::text"));
    // What is told by itself is not told again.
    let told: Vec<String> =
        [Some(key), Some(text), Some(vector), metadata.as_ref()].into_iter().flatten().map(|name| unquoted(name)).collect();
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    for (value, condition) in [(after, format!("{key} > $N::{key_type}")), (collection.as_deref(), "collection_id::text = $N".to_owned())] {
        if let Some(value) = value {
            values.push(value.to_owned());
            conditions.push(condition.replace("$N", &format!("${}", values.len() + 2)));
        }
    }
    let condition = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {key}::text AS key, {text}::text AS text, {metadata_sql} AS metadata, {vector}::real[] AS vector, \
         (to_jsonb(seed) - $1 - 'collection_id')::text AS others FROM {table} AS seed {condition} ORDER BY seed.{key} LIMIT $2"
    );
    let mut statement = sql_query(sql).into_boxed::<Pg>().bind::<Array<Text>, _>(told).bind::<BigInt, _>(limit);
    for value in values {
        statement = statement.bind::<Text, _>(value);
    }
    let rows: Vec<Row> = statement.load(pg(conn)?)?;
    Ok(rows.into_iter().map(|Row { key, text, metadata, others, vector }| SeedRow { key, text, metadata, others, vector }).collect())
}

/// A name as `quote_ident` was given it.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}
