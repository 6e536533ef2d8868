//! What lets somebody set a new password: tokens, by the digests of their texts.

use crate::{Conn, DbError, conn::with_conn, rows::token::NewResetTokenRow, schema::password_reset_tokens, types::Timestamp};
use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use lectern_domain::{digest::Digest, ids::UserId};

/// Gives a user a token in the place of all earlier ones.
///
/// # Errors
/// Failures of the database.
pub fn replace(conn: &mut Conn, user: UserId, token: Digest, now: DateTime<Utc>) -> Result<(), DbError> {
    delete_of(conn, user)?;
    let now = Timestamp::from(now);
    let row = NewResetTokenRow { token: token.to_hex(), user_id: user.0, created_at: now, updated_at: now };
    with_conn!(conn, c => diesel::insert_into(password_reset_tokens::table).values(&row).execute(c))?;
    Ok(())
}

/// Whose token that is, and when it was made.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn, token: Digest) -> Result<Option<(UserId, DateTime<Utc>)>, DbError> {
    let query = password_reset_tokens::table
        .filter(password_reset_tokens::token.eq(token.to_hex()))
        .select((password_reset_tokens::user_id, password_reset_tokens::created_at));
    let row: Option<(i32, Option<Timestamp>)> = with_conn!(conn, c => query.get_result(c).optional())?;
    // One without a time is as old as can be.
    Ok(row.map(|(user, created)| (UserId(user), created.map(Into::into).unwrap_or_default())))
}

/// Uses a token up. Whether it was there: of two who come with it at once, one only is told so.
///
/// # Errors
/// Failures of the database.
pub fn take(conn: &mut Conn, token: Digest) -> Result<bool, DbError> {
    let query = diesel::delete(password_reset_tokens::table.filter(password_reset_tokens::token.eq(token.to_hex())));
    Ok(with_conn!(conn, c => query.execute(c))? > 0)
}

/// Deletes all tokens of a user.
///
/// # Errors
/// Failures of the database.
pub fn delete_of(conn: &mut Conn, user: UserId) -> Result<(), DbError> {
    let query = diesel::delete(password_reset_tokens::table.filter(password_reset_tokens::user_id.eq(user.0)));
    with_conn!(conn, c => query.execute(c))?;
    Ok(())
}

/// Deletes the tokens that were made before that time. How many there were.
///
/// # Errors
/// Failures of the database.
pub fn delete_before(conn: &mut Conn, time: DateTime<Utc>) -> Result<usize, DbError> {
    let query = diesel::delete(password_reset_tokens::table.filter(password_reset_tokens::created_at.lt(Timestamp::from(time))));
    Ok(with_conn!(conn, c => query.execute(c))?)
}
