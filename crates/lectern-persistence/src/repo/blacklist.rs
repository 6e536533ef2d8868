//! Session tokens that were signed out.

use crate::{Conn, DbError, conn::with_conn, rows::token::NewBlacklistRow, schema::blacklist_tokens, types::Timestamp};
use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{exists, select},
};
use lectern_domain::digest::Digest;

/// Adds a token by its digest; nothing happens where it is there.
///
/// # Errors
/// Failures of the database.
pub fn insert(conn: &mut Conn, token: Digest) -> Result<(), DbError> {
    let now = Timestamp::now();
    let row = NewBlacklistRow { token: token.to_hex(), created_at: now, updated_at: now };
    with_conn!(conn, c => diesel::insert_into(blacklist_tokens::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Whether there are tokens that were added before that time.
///
/// # Errors
/// Failures of the database.
pub fn any_before(conn: &mut Conn, time: DateTime<Utc>) -> Result<bool, DbError> {
    let query = select(exists(blacklist_tokens::table.filter(blacklist_tokens::created_at.lt(Timestamp::from(time)))));
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// Deletes the tokens that were added before that time. How many there were.
///
/// # Errors
/// Failures of the database.
pub fn delete_before(conn: &mut Conn, time: DateTime<Utc>) -> Result<usize, DbError> {
    let query = diesel::delete(blacklist_tokens::table.filter(blacklist_tokens::created_at.lt(Timestamp::from(time))));
    Ok(with_conn!(conn, c => query.execute(c))?)
}
