//! The table of a generation.

use super::{Extension, MOST_DIMENSIONS, MOST_WHOLE, extension::SCHEMA, pg};
use crate::{
    Conn, DbError,
    types::{UuidValue, sql::UuidType},
};
use diesel::{
    RunQueryDsl,
    connection::SimpleConnection,
    result::OptionalExtension,
    sql_query,
    sql_types::{BigInt, Bool, Integer, Nullable, Text},
};
use lectern_domain::{
    change::Cursor,
    ids::{EntryId, GenerationId, InstallationId},
};

/// Raised whenever tables that were made before can't be used any more.
const LAYOUT: i32 = 1;

/// The table of a generation's vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorTable {
    /// Its name in the schema: letters, digits and `_` alone.
    name: String,
    dimensions: u32,
}

impl VectorTable {
    /// The table of vectors of this length; none where they are too long to be indexed.
    pub fn new(installation: InstallationId, generation: GenerationId, dimensions: u32) -> Option<Self> {
        let name = Self::name_of(installation, generation);
        (1..=MOST_DIMENSIONS).contains(&dimensions).then_some(Self { name, dimensions })
    }

    /// The name of a generation's table, whatever its vectors are.
    pub fn name_of(installation: InstallationId, generation: GenerationId) -> String {
        format!("v_{}_g{generation}", installation.0.simple())
    }

    /// Its name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name as SQL has it.
    pub(super) fn sql(&self) -> String {
        format!("{SCHEMA}.{}", self.name)
    }

    /// The name of the graph, in the same schema.
    pub(super) fn graph(&self) -> String {
        format!("{}_hnsw", self.name)
    }

    /// The type of its vectors.
    pub(super) fn kind(&self) -> &'static str {
        if self.dimensions <= MOST_WHOLE { "vector" } else { "halfvec" }
    }

    /// The type of its vectors with their length.
    pub(super) fn sized(&self, extension: &Extension) -> String {
        format!("{}.{}({})", extension.schema, self.kind(), self.dimensions)
    }
}

/// What a database says of a generation's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Described {
    /// It is not there.
    Absent,
    /// It was made by another version, or for vectors of another length.
    Other {
        /// The length of its vectors.
        dimensions: i32,
        /// Its layout.
        layout: i32,
    },
    /// It is there; with a place in the log where it was filled.
    There(Option<Cursor>),
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    layout: i32,
    #[diesel(sql_type = Integer)]
    dimensions: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
    #[diesel(sql_type = Nullable<UuidType>)]
    entry_id: Option<UuidValue>,
    #[diesel(sql_type = Bool)]
    there: bool,
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// What is there of a table.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn describe(conn: &mut Conn, table: &VectorTable) -> Result<Described, DbError> {
    let conn = pg(conn)?;
    let list = sql_query(format!("SELECT to_regclass('{SCHEMA}.indexes') IS NOT NULL AS found"));
    if !list.get_result::<Found>(conn)?.found {
        return Ok(Described::Absent);
    }
    let query = sql_query(format!(
        "SELECT layout, dimensions, seq, entry_id, to_regclass('{}') IS NOT NULL AS there FROM {SCHEMA}.indexes WHERE name = $1",
        table.sql()
    ));
    let row: Option<Row> = query.bind::<Text, _>(&table.name).get_result(conn).optional()?;
    Ok(match row.filter(|row| row.there) {
        None => Described::Absent,
        Some(Row { layout, dimensions, .. }) if layout != LAYOUT || u32::try_from(dimensions) != Ok(table.dimensions) => {
            Described::Other { dimensions, layout }
        }
        Some(Row { seq, entry_id, .. }) => Described::There(seq.zip(entry_id).map(|(seq, entry)| Cursor { seq, entry: EntryId(entry.0) })),
    })
}

/// Makes the table where it is not there. One that is there as another is made anew.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn ensure(conn: &mut Conn, table: &VectorTable, extension: &Extension) -> Result<(), DbError> {
    match describe(conn, table)? {
        Described::There(_) => return Ok(()),
        Described::Other { .. } => drop_table(conn, &table.name)?,
        Described::Absent => {}
    }
    let dimensions = i32::try_from(table.dimensions).map_err(DbError::corrupt("indexes"))?;
    let conn = pg(conn)?;
    conn.batch_execute(&format!(
        "CREATE TABLE IF NOT EXISTS {} ( \
             chunk_id uuid PRIMARY KEY, \
             document_id integer NOT NULL, \
             facts text[] NOT NULL, \
             digest bytea NOT NULL, \
             seq bigint NOT NULL, \
             embedding {} NOT NULL \
         ); \
         CREATE INDEX IF NOT EXISTS {}_facts ON {} USING gin (facts)",
        table.sql(),
        table.sized(extension),
        table.name,
        table.sql(),
    ))?;
    sql_query(format!(
        "INSERT INTO {SCHEMA}.indexes (name, layout, dimensions) VALUES ($1, {LAYOUT}, $2) \
         ON CONFLICT (name) DO UPDATE SET layout = excluded.layout, dimensions = excluded.dimensions, seq = NULL, entry_id = NULL"
    ))
    .bind::<Text, _>(&table.name)
    .bind::<Integer, _>(dimensions)
    .execute(conn)?;
    Ok(())
}

/// Empties the table, which has no graph and no place in the log then.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn clear(conn: &mut Conn, table: &VectorTable, extension: &Extension) -> Result<(), DbError> {
    ensure(conn, table, extension)?;
    let conn = pg(conn)?;
    conn.batch_execute(&format!("TRUNCATE {}; DROP INDEX IF EXISTS {SCHEMA}.{}", table.sql(), table.graph()))?;
    sql_query(format!("UPDATE {SCHEMA}.indexes SET seq = NULL, entry_id = NULL WHERE name = $1"))
        .bind::<Text, _>(&table.name)
        .execute(conn)?;
    Ok(())
}

/// Drops a table of this name, if it is there.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn drop_table(conn: &mut Conn, name: &str) -> Result<(), DbError> {
    let conn = pg(conn)?;
    let list = sql_query(format!("SELECT to_regclass('{SCHEMA}.indexes') IS NOT NULL AS found"));
    if !list.get_result::<Found>(conn)?.found {
        return Ok(());
    }
    sql_query(format!("DELETE FROM {SCHEMA}.indexes WHERE name = $1")).bind::<Text, _>(name).execute(conn)?;
    conn.batch_execute(&format!("DROP TABLE IF EXISTS {SCHEMA}.{name}"))?;
    Ok(())
}
