//! How often somebody may still try: one row for each key that tried lately.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A): a row says when its key's allowance is full again. Every try moves that time
//! by one interval; a try that would move it beyond the period is refused.

use crate::{Conn, DbError, conn::with_conn, schema::rate_limits};
use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, sql_query, sql_types::*};
use std::time::Duration;

/// So many tries in a period; all of them may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many; at least one.
    pub tries: u32,
    /// In which time.
    pub period: Duration,
}

/// Counts a try. `Some` says that it is one too many, was not counted, and how long to wait for the next.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count(conn: &mut Conn, key: &str, allowance: Allowance, now: DateTime<Utc>) -> Result<Option<Duration>, DbError> {
    let period = i64::try_from(allowance.period.as_millis()).unwrap_or(i64::MAX / 4).clamp(1, i64::MAX / 4);
    let interval = (period / i64::from(allowance.tries.max(1))).max(1);
    let now = now.timestamp_millis();
    let latest = now.saturating_add(period - interval);
    // SQLite counts parameters in the order in which they appear.
    let counted = with_conn!(&mut *conn, c => sql_query(
        "INSERT INTO rate_limits (key, full_at_ms) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET \
         full_at_ms = CASE WHEN rate_limits.full_at_ms > $3 THEN rate_limits.full_at_ms + $4 ELSE excluded.full_at_ms END \
         WHERE rate_limits.full_at_ms <= $5",
    )
    .bind::<Text, _>(key)
    .bind::<BigInt, _>(now.saturating_add(interval))
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(interval)
    .bind::<BigInt, _>(latest)
    .execute(c))?;
    if counted == 1 {
        return Ok(None);
    }
    let full_at: Option<i64> =
        with_conn!(conn, c => rate_limits::table.filter(rate_limits::key.eq(key)).select(rate_limits::full_at_ms).get_result(c))
            .optional()?;
    let wait = full_at.unwrap_or(latest).saturating_sub(latest).max(1);
    Ok(Some(Duration::from_millis(wait.unsigned_abs())))
}

/// Deletes the rows of those whose allowance is full again. How many there were.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn trim(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, DbError> {
    let full = rate_limits::table.filter(rate_limits::full_at_ms.le(now.timestamp_millis()));
    Ok(with_conn!(conn, c => diesel::delete(full).execute(c))?)
}
