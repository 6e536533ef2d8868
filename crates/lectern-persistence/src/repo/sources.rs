//! The sources that a stream searches: one row a name.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::{sources, stream_source},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use lectern_domain::ids::StreamId;
use std::collections::HashMap;

/// How many ids go into one statement: SQLite allows 32,766 parameters.
const BATCH: usize = 10_000;

/// Makes sure that every name has a row.
///
/// # Errors
/// Failures of the database.
pub fn ensure(conn: &mut Conn, names: &[String]) -> Result<(), DbError> {
    // In one order for everybody: two transactions that insert the same names never wait for each other.
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    let rows: Vec<_> = sorted.into_iter().map(|name| sources::source_name.eq(name)).collect();
    with_conn!(conn, c => diesel::insert_into(sources::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Links a stream with sources that have rows.
///
/// # Errors
/// Failures of the database.
pub fn link(conn: &mut Conn, stream: StreamId, names: &[String]) -> Result<(), DbError> {
    let ids: Vec<i32> = with_conn!(&mut *conn, c => sources::table.filter(sources::source_name.eq_any(names)).select(sources::id).load(c))?;
    let rows: Vec<_> = ids.into_iter().map(|source| (stream_source::stream_id.eq(stream.0), stream_source::source_id.eq(source))).collect();
    with_conn!(conn, c => diesel::insert_into(stream_source::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// The names of the sources of each stream, by the sources' ids.
///
/// # Errors
/// Failures of the database.
pub fn of_streams(conn: &mut Conn, streams: &[StreamId]) -> Result<HashMap<StreamId, Vec<String>>, DbError> {
    let mut names: HashMap<StreamId, Vec<String>> = HashMap::new();
    for batch in streams.chunks(BATCH) {
        let ids: Vec<i32> = batch.iter().map(|id| id.0).collect();
        let rows: Vec<(i32, String)> = with_conn!(&mut *conn, c => stream_source::table
            .inner_join(sources::table)
            .filter(stream_source::stream_id.eq_any(ids))
            .order((stream_source::stream_id, sources::id))
            .select((stream_source::stream_id, sources::source_name))
            .load(c))?;
        for (stream, name) in rows {
            names.entry(StreamId(stream)).or_default().push(name);
        }
    }
    Ok(names)
}
