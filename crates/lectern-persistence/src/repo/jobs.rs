//! Work in the background: rows that one process at a time has a lease on. Every time is the database's, so that processes whose clocks
//! differ agree on what is due and whose lease is over.

use super::uploads;
use crate::{
    Conn, DbError,
    conn::with_conn,
    types::{JsonValue, UuidValue, sql::*},
};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::*};
use lectern_domain::ids::{HolderId, JobId};
use serde_json::Value;
use std::time::Duration;

/// A job that the caller has a lease on.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenJob {
    /// Which one.
    pub id: JobId,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// Which attempt this is, from 1. Those of processes that ended while at it count.
    pub attempt: u32,
}

/// How the backends say what time it is. SQLite counts the parameters of a statement in the order in which they appear, so that they must
/// appear in the order of their numbers.
struct Clock {
    now: &'static str,
    pg: bool,
}

impl Clock {
    fn of(conn: &Conn) -> Self {
        match conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(_) => Self { now: "now()", pg: true },
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => Self { now: "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')", pg: false },
        }
    }

    /// So many milliseconds from now, or before it where the sign is `-`.
    fn off(&self, sign: char, parameter: u8) -> String {
        if self.pg {
            format!("now() {sign} ${parameter} * interval '1 millisecond'")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', printf('{sign}%.3f seconds', ${parameter} / 1000.0))")
        }
    }
}

fn milliseconds(time: Duration) -> i64 {
    // A century: what is further away is as good as never, and no backend's times reach their end.
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).min(100 * 366 * 86_400_000)
}

/// A job's state and the end of its lease decide when it is due: a running one is when its lease is over.
const DUE_AT: &str = "CASE state WHEN 'queued' THEN run_at ELSE lease_expires_at END";

/// Adds a job that is due after `delay`.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn enqueue(conn: &mut Conn, kind: &str, payload: Value, delay: Duration) -> Result<JobId, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
    }
    let clock = Clock::of(conn);
    let sql = format!(
        "INSERT INTO jobs (kind, payload, state, run_at, created_at, updated_at) VALUES ($1, $2, 'queued', {later}, {now}, {now}) RETURNING id",
        now = clock.now,
        later = clock.off('+', 3)
    );
    let payload = JsonValue(payload);
    let row: Row = with_conn!(conn, c => sql_query(sql)
        .bind::<Text, _>(kind)
        .bind::<JsonType, _>(&payload)
        .bind::<BigInt, _>(milliseconds(delay))
        .get_result(c))?;
    Ok(JobId(row.id))
}

/// How long until a job of these kinds is due: zero where one is now, none where none waits.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn next_due(conn: &mut Conn, kinds: &[&str]) -> Result<Option<Duration>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<BigInt>)]
        milliseconds: Option<i64>,
    }
    let (kind, away) = if Clock::of(conn).pg {
        (PG_KINDS, format!("ceil(extract(epoch FROM min({DUE_AT}) - now()) * 1000)::bigint"))
    } else {
        (SQLITE_KINDS, format!("CAST((julianday(min({DUE_AT})) - julianday('now')) * 86400000.0 + 0.9 AS INTEGER)"))
    };
    let sql = format!("SELECT {away} AS milliseconds FROM jobs WHERE state IN ('queued', 'running') AND kind IN ({})", kind(1));
    let kinds = JsonValue(kinds.into());
    let row: Row = with_conn!(conn, c => sql_query(sql).bind::<JsonType, _>(&kinds).get_result(c))?;
    Ok(row.milliseconds.map(|milliseconds| Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default())))
}

/// How many jobs there are of each state.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn counts(conn: &mut Conn) -> Result<Vec<(String, u64)>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        state: String,
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = sql_query("SELECT state, count(*) AS count FROM jobs GROUP BY state ORDER BY state");
    let rows: Vec<Row> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|row| (row.state, u64::try_from(row.count).unwrap_or_default())).collect())
}

/// How many jobs somebody alive is at.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count_alive(conn: &mut Conn) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let now = Clock::of(conn).now;
    let query = sql_query(format!("SELECT count(*) AS count FROM jobs WHERE state = 'running' AND lease_expires_at >= {now}"));
    let row: Row = with_conn!(conn, c => query.get_result(c))?;
    Ok(row.count)
}

const PG_KINDS: fn(u8) -> String = |parameter| format!("SELECT jsonb_array_elements_text(${parameter})");
const SQLITE_KINDS: fn(u8) -> String = |parameter| format!("SELECT value FROM json_each(${parameter})");

/// Takes jobs of these kinds that are due, those that have waited longest first: new ones, and those whose holder let its lease run out.
/// On PostgreSQL, jobs that another process is taking at this moment are passed over.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn take(conn: &mut Conn, kinds: &[&str], holder: HolderId, lease: Duration, limit: usize) -> Result<Vec<TakenJob>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = JsonType)]
        payload: JsonValue,
        #[diesel(sql_type = Integer)]
        attempts: i32,
    }
    let clock = Clock::of(conn);
    let (kind, skip) = if clock.pg { (PG_KINDS, "FOR UPDATE SKIP LOCKED") } else { (SQLITE_KINDS, "") };
    let sql = format!(
        "WITH due AS (SELECT id FROM jobs WHERE state IN ('queued', 'running') AND kind IN ({kinds}) AND {DUE_AT} <= {now} \
         ORDER BY run_at, id LIMIT $2 {skip}) \
         UPDATE jobs SET state = 'running', attempts = attempts + 1, holder = $3, lease_expires_at = {later}, updated_at = {now} \
         WHERE id IN (SELECT id FROM due) RETURNING id, kind, payload, attempts",
        kinds = kind(1),
        now = clock.now,
        later = clock.off('+', 4)
    );
    let kinds = JsonValue(kinds.into());
    let rows: Vec<Row> = with_conn!(conn, c => sql_query(sql)
        .bind::<JsonType, _>(&kinds)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind::<UuidType, _>(UuidValue(holder.0))
        .bind::<BigInt, _>(milliseconds(lease))
        .load(c))?;
    let taken = rows.into_iter().map(|row| TakenJob {
        id: JobId(row.id),
        kind: row.kind,
        payload: row.payload.0,
        attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
    });
    Ok(taken.collect())
}

/// Extends the leases of all jobs that the holder is at. Which these are: the others went to somebody else.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn renew(conn: &mut Conn, holder: HolderId, lease: Duration) -> Result<Vec<JobId>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        id: i32,
    }
    let sql =
        format!("UPDATE jobs SET lease_expires_at = {} WHERE holder = $2 AND state = 'running' RETURNING id", Clock::of(conn).off('+', 1));
    let rows: Vec<Row> = with_conn!(conn, c => sql_query(sql)
        .bind::<BigInt, _>(milliseconds(lease))
        .bind::<UuidType, _>(UuidValue(holder.0))
        .load(c))?;
    Ok(rows.into_iter().map(|row| JobId(row.id)).collect())
}

/// Writes down how far an attempt has come. `false` where it is no longer this attempt's job: somebody else has taken it over.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn report(conn: &mut Conn, id: JobId, attempt: u32, progress: Value) -> Result<bool, DbError> {
    let now = Clock::of(conn).now;
    let sql = format!("UPDATE jobs SET progress = $1, updated_at = {now} WHERE id = $2 AND attempts = $3 AND state = 'running'");
    let progress = JsonValue(progress);
    let rows = with_conn!(conn, c => sql_query(sql)
        .bind::<JsonType, _>(&progress)
        .bind::<Integer, _>(id.0)
        .bind::<Integer, _>(i32::try_from(attempt).unwrap_or(i32::MAX))
        .execute(c))?;
    Ok(rows == 1)
}

/// What becomes of a job that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is done.
    Done,
    /// It failed and is tried again after this time.
    Again(Duration, String),
    /// It failed and is not tried again.
    Failed(String),
}

/// Ends an attempt. `false` where the job is no longer the holder's: then nothing is written. With its last attempt a job's payload goes:
/// nobody needs it any more, and it may name people; so do the bytes of an upload that it read.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn settle(conn: &mut Conn, id: JobId, holder: HolderId, settled: &Settled) -> Result<bool, DbError> {
    let clock = Clock::of(conn);
    let null = if clock.pg { "'null'::jsonb" } else { "'null'" };
    let (state, delay, error, payload) = match settled {
        Settled::Done => ("done", Duration::ZERO, None, null),
        Settled::Again(delay, error) => ("queued", *delay, Some(error), "payload"),
        Settled::Failed(error) => ("failed", Duration::ZERO, Some(error), null),
    };
    let sql = format!(
        "UPDATE jobs SET state = $1, error = $2, run_at = {later}, payload = {payload}, holder = NULL, lease_expires_at = NULL, \
         updated_at = {now} WHERE id = $4 AND holder = $5 AND state = 'running'",
        later = clock.off('+', 3),
        now = clock.now
    );
    let rows = with_conn!(&mut *conn, c => sql_query(sql)
        .bind::<Text, _>(state)
        .bind::<Nullable<Text>, _>(error)
        .bind::<BigInt, _>(milliseconds(delay))
        .bind::<Integer, _>(id.0)
        .bind::<UuidType, _>(UuidValue(holder.0))
        .execute(c))?;
    if rows == 1 && !matches!(settled, Settled::Again(..)) {
        uploads::delete_parts(conn, id)?;
    }
    Ok(rows == 1)
}

/// Gives back every job that the holder is at, as if it had not been tried: for a process that ends. How many there were.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn hand_back(conn: &mut Conn, holder: HolderId) -> Result<usize, DbError> {
    let sql = format!(
        "UPDATE jobs SET state = 'queued', attempts = attempts - 1, run_at = {now}, holder = NULL, lease_expires_at = NULL, \
         updated_at = {now} WHERE holder = $1 AND state = 'running'",
        now = Clock::of(conn).now
    );
    Ok(with_conn!(conn, c => sql_query(sql).bind::<UuidType, _>(UuidValue(holder.0)).execute(c))?)
}

/// Deletes jobs that ended longer ago than this: done ones, and failed ones, whose reason somebody may want to read. How many there were.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn trim(conn: &mut Conn, done: Duration, failed: Duration) -> Result<usize, DbError> {
    let clock = Clock::of(conn);
    let sql = format!(
        "DELETE FROM jobs WHERE (state = 'done' AND updated_at < {}) OR (state = 'failed' AND updated_at < {})",
        clock.off('-', 1),
        clock.off('-', 2)
    );
    Ok(with_conn!(conn, c => sql_query(sql)
        .bind::<BigInt, _>(milliseconds(done))
        .bind::<BigInt, _>(milliseconds(failed))
        .execute(c))?)
}
