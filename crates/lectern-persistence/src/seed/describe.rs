//! What a table has.

use crate::{Conn, DbError, vector_index::pg};
use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{Bool, Nullable, Text},
};

const TEXTS: [&str; 4] = ["document", "page_content", "content", "text"];
const METADATA: [&str; 3] = ["cmetadata", "langchain_metadata", "metadata"];

/// The table that holds the names of LangChain's collections.
const COLLECTIONS: &str = "langchain_pg_collection";

/// A table that can be read; its names are quoted where SQL needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedTable {
    pub(super) table: String,
    pub(super) key: String,
    /// The type of the key.
    pub(super) key_type: String,
    pub(super) text: String,
    pub(super) vector: String,
    pub(super) metadata: Option<String>,
    /// The id of the collection whose rows are read.
    pub(super) collection: Option<String>,
}

/// Why a table can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is none of that name.
    #[error("there is no table '{0}'")]
    Absent(String),
    /// A column is missing, or several would do.
    #[error("the table {table} has {what}; it has the columns {columns}")]
    Columns {
        /// Which table.
        table: String,
        /// What is wrong.
        what: String,
        /// What it has.
        columns: String,
    },
    /// Its rows are of several collections, and none of them was named; or there is none of that name.
    #[error("{what}: its collections are {names}")]
    Collection {
        /// What is wrong.
        what: String,
        /// Those that are there.
        names: String,
    },
}

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    quoted: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_key: bool,
}

#[derive(diesel::QueryableByName)]
struct Collection {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Looks at a table, with its schema before its name where it is not on the search path. Of a table with LangChain's collections, one has to
/// be named unless there is but one.
///
/// # Errors
/// [`DbError`] where the database fails; the inner error where the table can't be read.
pub fn describe(conn: &mut Conn, name: &str, collection: Option<&str>) -> Result<Result<SeedTable, Unfit>, DbError> {
    let conn = pg(conn)?;
    let found: Result<Name, _> = sql_query("SELECT to_regclass($1)::text AS name").bind::<Text, _>(name).get_result(conn);
    let table = match found.map_err(DbError::from) {
        Ok(found) => found.name,
        Err(error) if error.is_outage() => return Err(error),
        // What can't be a name is an error to the server.
        Err(_) => None,
    };
    let Some(table) = table else { return Ok(Err(Unfit::Absent(name.to_owned()))) };
    let columns: Vec<Column> = sql_query(
        "SELECT attname::text AS name, quote_ident(attname) AS quoted, format_type(atttypid, NULL) AS kind, \
         EXISTS (SELECT 1 FROM pg_index WHERE indrelid = attrelid AND indisprimary AND indnkeyatts = 1 AND indkey[0] = attnum) AS is_key \
         FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind::<Text, _>(name)
    .load(conn)?;
    let mut table = match fit(table, &columns) {
        Ok(table) => table,
        Err(unfit) => return Ok(Err(unfit)),
    };
    if !columns.iter().any(|column| column.name == "collection_id") {
        return Ok(match collection {
            Some(named) => {
                let what = format!("{} has no collections, and '{named}' was named", table.table);
                Err(Unfit::Collection { what, names: "none".to_owned() })
            }
            None => Ok(table),
        });
    }
    let all = format!("SELECT uuid::text AS id, coalesce(name, '') AS name FROM {COLLECTIONS} ORDER BY name LIMIT 1000");
    let all: Vec<Collection> = sql_query(all).load(conn)?;
    let names = || all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match collection {
        Some(named) => all.iter().find(|one| one.name == named).ok_or_else(|| format!("there is no collection '{named}'")),
        None => match all.as_slice() {
            [one] => Ok(one),
            _ => Err(format!("{} holds several collections, and none was named", table.table)),
        },
    };
    Ok(match found {
        Ok(found) => {
            table.collection = Some(found.id.clone());
            Ok(table)
        }
        Err(what) => Err(Unfit::Collection { what, names: names() }),
    })
}

fn fit(table: String, columns: &[Column]) -> Result<SeedTable, Unfit> {
    let unfit = |what: &str| {
        let columns = columns.iter().map(|column| format!("{} {}", column.name, column.kind)).collect::<Vec<_>>().join(", ");
        Unfit::Columns { table: table.clone(), what: what.to_owned(), columns }
    };
    let named = |names: &[&str]| names.iter().find_map(|name| columns.iter().find(|column| column.name == *name));
    let key = columns.iter().find(|column| column.is_key).ok_or_else(|| unfit("no primary key of one column"))?;
    let text = named(&TEXTS).ok_or_else(|| unfit("none of the columns document, page_content, content and text"))?;
    let is_vector = |column: &&Column| ["vector", "halfvec"].contains(&column.kind.rsplit('.').next().unwrap_or_default());
    let mut vectors = columns.iter().filter(is_vector);
    let (Some(vector), None) = (vectors.next(), vectors.next()) else {
        return Err(unfit("no column, or several, of type vector or halfvec"));
    };
    let is_json = |column: &&Column| matches!(column.kind.as_str(), "json" | "jsonb");
    Ok(SeedTable {
        key: key.quoted.clone(),
        key_type: key.kind.clone(),
        text: text.quoted.clone(),
        vector: vector.quoted.clone(),
        metadata: named(&METADATA).filter(is_json).map(|column| column.quoted.clone()),
        collection: None,
        table: table.clone(),
    })
}
