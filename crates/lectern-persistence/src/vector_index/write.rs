//! Putting and removing vectors.

use super::{Extension, extension::SCHEMA, pg, table::VectorTable};
use crate::{
    Conn, DbError,
    types::{UuidValue, sql::UuidType},
};
use diesel::{
    RunQueryDsl,
    connection::SimpleConnection,
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Binary, Bool, Float, Integer, Text},
};
use lectern_domain::{
    change::Cursor,
    digest::Digest,
    ids::{ChunkId, DocumentId},
};
use std::{collections::HashMap, fmt::Write as _};

/// The rows of one INSERT, of five values each.
const ROWS: usize = 200;

/// A table with fewer rows than this is searched exactly, without a graph.
const LARGE: usize = 2_000;

/// A chunk with its vector.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorRow {
    /// The chunk.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// What filters look at.
    pub facts: Vec<String>,
    /// The digest of all that is kept.
    pub digest: Digest,
    /// Its vector, of the table's length.
    pub vector: Vec<f32>,
}

/// Puts vectors, each in the place of an older one of its chunk; of several of one chunk the last counts.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn put(conn: &mut Conn, table: &VectorTable, extension: &Extension, seq: i64, rows: Vec<VectorRow>) -> Result<(), DbError> {
    let conn = pg(conn)?;
    let rows: HashMap<ChunkId, VectorRow> = rows.into_iter().map(|row| (row.chunk, row)).collect();
    let mut rows: Vec<VectorRow> = rows.into_values().collect();
    // Two writers that put the same chunks wait for each other in one order.
    rows.sort_unstable_by_key(|row| row.chunk);
    let sized = table.sized(extension);
    while !rows.is_empty() {
        let group = rows.split_off(rows.len().saturating_sub(ROWS));
        let mut sql = format!("INSERT INTO {} AS old (seq, chunk_id, document_id, facts, digest, embedding) VALUES ", table.sql());
        for row in 0..group.len() {
            let (comma, at) = (if row > 0 { ", " } else { "" }, row * 5);
            let (id, document, facts, digest, vector) = (at + 2, at + 3, at + 4, at + 5, at + 6);
            // Writing to a text does not fail.
            let _ = write!(sql, "{comma}($1, ${id}, ${document}, ${facts}, ${digest}, ${vector}::real[]::{sized})");
        }
        sql.push_str(
            " ON CONFLICT (chunk_id) DO UPDATE SET seq = excluded.seq, document_id = excluded.document_id, facts = excluded.facts, \
             digest = excluded.digest, embedding = excluded.embedding WHERE old.seq <= excluded.seq",
        );
        let mut query = sql_query(sql).into_boxed::<Pg>().bind::<BigInt, _>(seq);
        for row in group {
            query = query
                .bind::<UuidType, _>(UuidValue(row.chunk.0))
                .bind::<Integer, _>(row.document.0)
                .bind::<Array<Text>, _>(row.facts)
                .bind::<Binary, _>(row.digest.0.to_vec())
                .bind::<Array<Float>, _>(row.vector);
        }
        query.execute(conn)?;
    }
    Ok(())
}

/// Removes the vectors of these chunks that were put before `seq`.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn remove(conn: &mut Conn, table: &VectorTable, seq: i64, chunks: &[ChunkId]) -> Result<(), DbError> {
    if chunks.is_empty() {
        return Ok(());
    }
    let chunks: Vec<UuidValue> = chunks.iter().map(|chunk| UuidValue(chunk.0)).collect();
    sql_query(format!("DELETE FROM {} WHERE chunk_id = ANY($1) AND seq < $2", table.sql()))
        .bind::<Array<UuidType>, _>(chunks)
        .bind::<BigInt, _>(seq)
        .execute(pg(conn)?)?;
    Ok(())
}

/// Keeps the place in the log that a table has reached; a later one that another process kept stays.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn commit(conn: &mut Conn, table: &VectorTable, cursor: Cursor) -> Result<(), DbError> {
    sql_query(format!("UPDATE {SCHEMA}.indexes SET seq = $2, entry_id = $3 WHERE name = $1 AND (seq IS NULL OR seq <= $2)"))
        .bind::<Text, _>(table.name())
        .bind::<BigInt, _>(cursor.seq)
        .bind::<UuidType, _>(UuidValue(cursor.entry.0))
        .execute(pg(conn)?)?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Size {
    #[diesel(sql_type = Bool)]
    has_graph: bool,
    #[diesel(sql_type = Bool)]
    is_large: bool,
}

/// Builds the graph of a table that is large and has none; tells whether it has one now. Building beside the rows is many times faster than
/// adding them to a graph, so it comes after a table is filled. Searches go on meanwhile, changes wait.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn index_if_large(conn: &mut Conn, table: &VectorTable, extension: &Extension) -> Result<bool, DbError> {
    let conn = pg(conn)?;
    let size: Size = sql_query(format!(
        "SELECT to_regclass('{SCHEMA}.{}') IS NOT NULL AS has_graph, \
         (SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {LARGE}) AS sample) >= {LARGE} AS is_large",
        table.graph(),
        table.sql()
    ))
    .get_result(conn)?;
    if size.has_graph || !size.is_large {
        return Ok(size.has_graph);
    }
    conn.batch_execute(&format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw (embedding {}.{}_cosine_ops) WITH (m = 16, ef_construction = 100); ANALYZE {}",
        table.graph(),
        table.sql(),
        extension.schema,
        table.kind(),
        table.sql()
    ))?;
    Ok(true)
}
