//! Who is writing which answer. A process says again and again that it is alive, by the database's clock; the answers of one that does not
//! are nobody's. A new run of a stream takes the place of the one before, which then may keep nothing any more.
//!
//! Every function touches `stream_runs` before `streams`, so that two of them never wait for each other.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::{stream_runs, streams},
    types::{JsonValue, Timestamp, UuidValue, sql::TimestampType},
};
use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, delete,
    dsl::sql,
    insert_into,
    sql_types::{Bool, Integer},
    update,
    upsert::excluded,
};
use lectern_domain::ids::{HolderId, RunId, StreamId};
use std::{collections::HashSet, time::Duration};

/// How many ids go into one statement: SQLite allows 32,766 parameters.
const BATCH: usize = 10_000;

/// What an answer leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The answer.
    pub response: String,
    /// What the model was given: an LZ4 frame of the JSON array of its messages.
    pub prompt: Vec<u8>,
    /// The ids of the passages that it was given.
    pub rag_sources: Vec<String>,
}

/// The database's clock in the words of a backend: the time now, and what stands before and after a number of milliseconds for the time
/// that much later.
struct Clock {
    now: &'static str,
    before: &'static str,
    after: &'static str,
}

fn clock(conn: &Conn) -> Clock {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Clock { now: "now()", before: "now() + ", after: " * interval '1 millisecond'" },
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => Clock {
            now: "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
            before: "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', printf('+%.3f seconds', ",
            after: " / 1000.0))",
        },
    }
}

fn milliseconds(ttl: Duration) -> i32 {
    i32::try_from(ttl.as_millis()).unwrap_or(i32::MAX)
}

/// Says that `runner` writes an answer from now on, whoever did before.
///
/// # Errors
/// [`DbError::ForeignKeyViolation`] where the stream is gone, and failures of the database.
pub fn begin(conn: &mut Conn, stream: StreamId, run: RunId, runner: HolderId, ttl: Duration) -> Result<(), DbError> {
    let Clock { before, after, .. } = clock(conn);
    with_conn!(&mut *conn, c => insert_into(stream_runs::table)
        .values((
            stream_runs::stream_id.eq(stream.0),
            stream_runs::run.eq(UuidValue(run.0)),
            stream_runs::runner.eq(UuidValue(runner.0)),
            stream_runs::stopped.eq(false),
            stream_runs::expires_at.eq(sql::<TimestampType>(before).bind::<Integer, _>(milliseconds(ttl)).sql(after)),
        ))
        .on_conflict(stream_runs::stream_id)
        .do_update()
        .set((
            stream_runs::run.eq(excluded(stream_runs::run)),
            stream_runs::runner.eq(excluded(stream_runs::runner)),
            stream_runs::stopped.eq(excluded(stream_runs::stopped)),
            stream_runs::expires_at.eq(excluded(stream_runs::expires_at)),
        ))
        .execute(c))?;
    set_streaming(conn, stream, true)
}

/// Says that the runner is alive and at these runs, and returns which of them are still its own and wanted.
///
/// # Errors
/// Failures of the database.
pub fn renew(conn: &mut Conn, runner: HolderId, runs: &[RunId], ttl: Duration) -> Result<HashSet<RunId>, DbError> {
    let Clock { before, after, .. } = clock(conn);
    let mut kept = HashSet::new();
    for batch in runs.chunks(BATCH) {
        let ids: Vec<UuidValue> = batch.iter().map(|run| UuidValue(run.0)).collect();
        let renewed: Vec<UuidValue> = with_conn!(&mut *conn, c => update(
            stream_runs::table
                .filter(stream_runs::runner.eq(UuidValue(runner.0)))
                .filter(stream_runs::run.eq_any(ids))
                .filter(stream_runs::stopped.eq(false)),
        )
        .set(stream_runs::expires_at.eq(sql::<TimestampType>(before).bind::<Integer, _>(milliseconds(ttl)).sql(after)))
        .returning(stream_runs::run)
        .get_results(c))?;
        kept.extend(renewed.into_iter().map(|run| RunId(run.0)));
    }
    Ok(kept)
}

/// Says that nobody wants the answer any more. Its writer notices when it next says that it is alive; what it has written is kept.
///
/// # Errors
/// Failures of the database.
pub fn stop(conn: &mut Conn, stream: StreamId) -> Result<(), DbError> {
    let own = stream_runs::table.filter(stream_runs::stream_id.eq(stream.0));
    with_conn!(&mut *conn, c => update(own).set(stream_runs::stopped.eq(true)).execute(c))?;
    set_streaming(conn, stream, false)
}

/// Ends a run, and keeps what it leaves behind, if anything. `false` where another run took its place or the stream is gone: then
/// nothing is kept.
///
/// # Errors
/// Failures of the database.
pub fn end(conn: &mut Conn, stream: StreamId, run: RunId, finished: Option<Finished>) -> Result<bool, DbError> {
    let own = stream_runs::table.filter(stream_runs::stream_id.eq(stream.0)).filter(stream_runs::run.eq(UuidValue(run.0)));
    let ended = with_conn!(&mut *conn, c => delete(own).execute(c))?;
    if ended == 0 {
        return Ok(false);
    }
    let Some(finished) = finished else {
        set_streaming(conn, stream, false)?;
        return Ok(true);
    };
    let update = update(streams::table.filter(streams::id.eq(stream.0))).set((
        streams::is_streaming.eq(false),
        streams::response.eq(finished.response),
        streams::prompt.eq(finished.prompt),
        streams::rag_sources.eq(JsonValue(finished.rag_sources.into())),
        streams::updated_at.eq(Timestamp::now()),
    ));
    with_conn!(conn, c => update.execute(c))?;
    Ok(true)
}

/// Which of these streams have an answer that is being written by somebody alive.
///
/// # Errors
/// Failures of the database.
pub fn alive(conn: &mut Conn, streams: &[StreamId]) -> Result<HashSet<StreamId>, DbError> {
    let Clock { now, .. } = clock(conn);
    let mut alive = HashSet::new();
    for batch in streams.chunks(BATCH) {
        let ids: Vec<i32> = batch.iter().map(|id| id.0).collect();
        let query = stream_runs::table
            .filter(stream_runs::stream_id.eq_any(ids))
            .filter(stream_runs::stopped.eq(false))
            .filter(sql::<Bool>("expires_at >= ").sql(now))
            .select(stream_runs::stream_id);
        let found: Vec<i32> = with_conn!(&mut *conn, c => query.load(c))?;
        alive.extend(found.into_iter().map(StreamId));
    }
    Ok(alive)
}

/// How many answers are being written by somebody alive, wanted or not.
///
/// # Errors
/// Failures of the database.
pub fn count_alive(conn: &mut Conn) -> Result<i64, DbError> {
    let Clock { now, .. } = clock(conn);
    let query = stream_runs::table.filter(sql::<Bool>("expires_at >= ").sql(now)).count();
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// Forgets the runs of processes that are not alive any more, and says of their streams that nothing is being written. How many there
/// were.
///
/// # Errors
/// Failures of the database.
pub fn sweep(conn: &mut Conn) -> Result<usize, DbError> {
    let Clock { now, .. } = clock(conn);
    let gone: Vec<i32> = with_conn!(&mut *conn, c => delete(stream_runs::table.filter(sql::<Bool>("expires_at < ").sql(now)))
        .returning(stream_runs::stream_id)
        .get_results(c))?;
    for ids in gone.chunks(BATCH) {
        let update = update(streams::table.filter(streams::id.eq_any(ids.to_vec()))).set(streams::is_streaming.eq(false));
        with_conn!(&mut *conn, c => update.execute(c))?;
    }
    Ok(gone.len())
}

fn set_streaming(conn: &mut Conn, stream: StreamId, value: bool) -> Result<(), DbError> {
    let update = update(streams::table.filter(streams::id.eq(stream.0))).set(streams::is_streaming.eq(value));
    with_conn!(conn, c => update.execute(c))?;
    Ok(())
}
