//! Chunks that a follower could not take, with the reason; they block nothing.

use crate::{
    Conn, DbError,
    conn::with_conn,
    repo::followers::Engine,
    schema::{chunks, dead_letters},
    types::{Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::ids::{ChunkId, GenerationId};
use std::collections::HashSet;

/// Keeps the reason why a chunk was not taken; the latest one counts.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn insert(
    conn: &mut Conn,
    engine: Engine,
    generation: GenerationId,
    chunk: ChunkId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = (
        dead_letters::engine.eq(engine.as_str()),
        dead_letters::generation_id.eq(generation.0),
        dead_letters::chunk_id.eq(UuidValue(chunk.0)),
        dead_letters::reason.eq(reason),
        dead_letters::at.eq(Timestamp(now)),
    );
    with_conn!(conn, c => diesel::insert_into(dead_letters::table)
        .values(row)
        .on_conflict((dead_letters::engine, dead_letters::generation_id, dead_letters::chunk_id))
        .do_update()
        .set((dead_letters::reason.eq(reason), dead_letters::at.eq(Timestamp(now))))
        .execute(c))?;
    Ok(())
}

/// The dead letters of a generation: chunk and reason.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn list(conn: &mut Conn, generation: GenerationId, limit: i64) -> Result<Vec<(ChunkId, String)>, DbError> {
    let query = dead_letters::table
        .filter(dead_letters::generation_id.eq(generation.0))
        .order(dead_letters::id)
        .limit(limit)
        .select((dead_letters::chunk_id, dead_letters::reason));
    let rows: Vec<(UuidValue, String)> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|(chunk, reason)| (ChunkId(chunk.0), reason)).collect())
}

/// Whether there is something that an engine did not take of a generation.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn any(conn: &mut Conn, engine: Engine, generation: GenerationId) -> Result<bool, DbError> {
    let of = dead_letters::table.filter(dead_letters::engine.eq(engine.as_str())).filter(dead_letters::generation_id.eq(generation.0));
    let first: Option<i32> = with_conn!(conn, c => of.select(dead_letters::id).first(c).optional())?;
    Ok(first.is_some())
}

/// How many chunks of a generation an engine did not take.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count(conn: &mut Conn, engine: Engine, generation: GenerationId) -> Result<i64, DbError> {
    let of = dead_letters::table.filter(dead_letters::engine.eq(engine.as_str())).filter(dead_letters::generation_id.eq(generation.0));
    Ok(with_conn!(conn, c => of.count().get_result(c))?)
}

/// Those of these chunks that an engine did not take of a generation. At most 30,000 are asked for.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn among(conn: &mut Conn, engine: Engine, generation: GenerationId, chunks: &[ChunkId]) -> Result<HashSet<ChunkId>, DbError> {
    let ids: Vec<UuidValue> = chunks.iter().map(|chunk| UuidValue(chunk.0)).collect();
    let query = dead_letters::table
        .filter(dead_letters::engine.eq(engine.as_str()))
        .filter(dead_letters::generation_id.eq(generation.0))
        .filter(dead_letters::chunk_id.eq_any(ids))
        .select(dead_letters::chunk_id);
    let rows: Vec<UuidValue> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|chunk| ChunkId(chunk.0)).collect())
}

/// Forgets that an engine did not take these chunks of a generation. At most 30,000 are given.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn forget(conn: &mut Conn, engine: Engine, generation: GenerationId, chunks: &[ChunkId]) -> Result<(), DbError> {
    let ids: Vec<UuidValue> = chunks.iter().map(|chunk| UuidValue(chunk.0)).collect();
    let of = dead_letters::table
        .filter(dead_letters::engine.eq(engine.as_str()))
        .filter(dead_letters::generation_id.eq(generation.0))
        .filter(dead_letters::chunk_id.eq_any(ids));
    with_conn!(conn, c => diesel::delete(of).execute(c))?;
    Ok(())
}

/// Forgets what an engine did not take of a generation.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn clear(conn: &mut Conn, engine: Engine, generation: GenerationId) -> Result<(), DbError> {
    let of = dead_letters::table.filter(dead_letters::engine.eq(engine.as_str())).filter(dead_letters::generation_id.eq(generation.0));
    with_conn!(conn, c => diesel::delete(of).execute(c))?;
    Ok(())
}

/// Forgets the dead letters of chunks that are gone; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_orphans(conn: &mut Conn) -> Result<usize, DbError> {
    let there = chunks::table.filter(chunks::id.eq(dead_letters::chunk_id));
    let delete = diesel::delete(dead_letters::table.filter(diesel::dsl::not(diesel::dsl::exists(there))));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}
