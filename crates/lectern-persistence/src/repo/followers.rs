//! Who follows the change log, and how far each has come.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::{follower_cursors, followers, generations},
    types::{Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    change::Cursor,
    ids::{CollectionId, EntryId, FollowerId, GenerationId},
};

/// What a follower fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// An index of words.
    Lexical,
    /// An index of vectors.
    Vectors,
    /// The table of vectors.
    Embedder,
}

impl Engine {
    /// The word that stands for it in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Vectors => "vectors",
            Self::Embedder => "embedder",
        }
    }
}

/// Says that a follower is alive; makes it known where it is not yet.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn seen(conn: &mut Conn, id: FollowerId, kind: &str, place: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let row =
        (followers::id.eq(UuidValue(id.0)), followers::kind.eq(kind), followers::place.eq(place), followers::seen_at.eq(Timestamp(now)));
    with_conn!(conn, c => diesel::insert_into(followers::table)
        .values(row)
        .on_conflict(followers::id)
        .do_update()
        .set((followers::place.eq(place), followers::seen_at.eq(Timestamp(now))))
        .execute(c))?;
    Ok(())
}

/// Forgets the followers that were not seen since `before`, with their cursors; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn forget_unseen(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, DbError> {
    let unseen = followers::table.filter(followers::seen_at.lt(Timestamp(before)));
    Ok(with_conn!(conn, c => diesel::delete(unseen).execute(c))?)
}

/// How far an engine of a follower has come with a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// What it fills.
    pub engine: Engine,
    /// Which generation.
    pub generation: GenerationId,
    /// Everything up to here is found by a search.
    pub cursor: Cursor,
    /// Everything up to here outlives a crash; the log is kept from here on.
    pub durable_seq: i64,
}

/// Publishes a cursor. A generation that was deleted meanwhile has none.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn publish(conn: &mut Conn, follower: FollowerId, at: Published, now: DateTime<Utc>) -> Result<(), DbError> {
    let exists: i64 = {
        let query = generations::table.filter(generations::id.eq(at.generation.0)).count();
        with_conn!(conn, c => query.get_result(c))?
    };
    if exists == 0 {
        return Ok(());
    }
    let moved = (
        follower_cursors::seq.eq(at.cursor.seq),
        follower_cursors::entry_id.eq(UuidValue(at.cursor.entry.0)),
        follower_cursors::durable_seq.eq(at.durable_seq),
        follower_cursors::updated_at.eq(Timestamp(now)),
    );
    let row = (
        follower_cursors::follower_id.eq(UuidValue(follower.0)),
        follower_cursors::engine.eq(at.engine.as_str()),
        follower_cursors::generation_id.eq(at.generation.0),
        moved,
    );
    with_conn!(conn, c => diesel::insert_into(follower_cursors::table)
        .values(row)
        .on_conflict((follower_cursors::follower_id, follower_cursors::engine, follower_cursors::generation_id))
        .do_update()
        .set(moved)
        .execute(c))?;
    Ok(())
}

/// The cursor that an engine of a follower published for a generation.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn cursor(conn: &mut Conn, follower: FollowerId, engine: Engine, generation: GenerationId) -> Result<Option<Cursor>, DbError> {
    let query = follower_cursors::table
        .filter(follower_cursors::follower_id.eq(UuidValue(follower.0)))
        .filter(follower_cursors::engine.eq(engine.as_str()))
        .filter(follower_cursors::generation_id.eq(generation.0))
        .select((follower_cursors::seq, follower_cursors::entry_id));
    let row: Option<(i64, UuidValue)> = with_conn!(conn, c => query.get_result(c).optional())?;
    Ok(row.map(|(seq, entry)| Cursor { seq, entry: EntryId(entry.0) }))
}

/// For every collection that somebody follows: the number from which on its log must be kept.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn horizons(conn: &mut Conn) -> Result<Vec<(CollectionId, i64)>, DbError> {
    let query = follower_cursors::table
        .inner_join(generations::table)
        .group_by(generations::collection_id)
        .select((generations::collection_id, diesel::dsl::min(follower_cursors::durable_seq)));
    let rows: Vec<(i32, Option<i64>)> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().filter_map(|(collection, seq)| Some((CollectionId(collection), seq?))).collect())
}
