//! API tokens.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::token::{ApiTokenRow, NewApiTokenRow},
    schema::api_tokens,
    types::Timestamp,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use lectern_domain::{
    digest::Digest,
    ids::{ApiTokenId, UserId},
    token::{ApiToken, TokenName},
};

/// Inserts a token, known by the digest of its text.
///
/// # Errors
/// Failures of the database.
pub fn insert(conn: &mut Conn, user: UserId, name: &TokenName, hash: Digest) -> Result<(), DbError> {
    let row = NewApiTokenRow { hash: hash.to_hex(), name: name.as_str(), user_id: user.0, created_at: Timestamp::now() };
    with_conn!(conn, c => diesel::insert_into(api_tokens::table).values(&row).execute(c))?;
    Ok(())
}

/// The tokens of a user, by id.
///
/// # Errors
/// Failures of the database.
pub fn list(conn: &mut Conn, user: UserId) -> Result<Vec<ApiToken>, DbError> {
    with_conn!(conn, c => api_tokens::table.filter(api_tokens::user_id.eq(user.0)).order(api_tokens::id).select(ApiTokenRow::as_select()).load(c))?.into_iter().map(ApiToken::try_from).collect()
}

/// The token with that digest.
///
/// # Errors
/// Failures of the database.
pub fn find_by_hash(conn: &mut Conn, hash: Digest) -> Result<Option<ApiToken>, DbError> {
    with_conn!(conn, c => api_tokens::table.filter(api_tokens::hash.eq(hash.to_hex())).select(ApiTokenRow::as_select()).get_result(c))
        .optional()?
        .map(ApiToken::try_from)
        .transpose()
}

/// Deletes a token. Whether it was there.
///
/// # Errors
/// Failures of the database.
pub fn delete(conn: &mut Conn, id: ApiTokenId) -> Result<bool, DbError> {
    let query = diesel::delete(api_tokens::table.filter(api_tokens::id.eq(id.0)));
    Ok(with_conn!(conn, c => query.execute(c))? > 0)
}
