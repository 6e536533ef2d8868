//! The tables `api_tokens`, `blacklist_tokens` and `password_reset_tokens`.

use crate::{
    DbError,
    schema::{api_tokens, blacklist_tokens, password_reset_tokens},
    types::Timestamp,
};
use diesel::{Insertable, Queryable, Selectable};
use lectern_domain::{
    digest::Digest,
    ids::{ApiTokenId, UserId},
    token::ApiToken,
};

/// A row of `api_tokens`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub(crate) struct ApiTokenRow {
    id: i32,
    hash: String,
    name: String,
    user_id: i32,
}

impl TryFrom<ApiTokenRow> for ApiToken {
    type Error = DbError;

    fn try_from(row: ApiTokenRow) -> Result<Self, DbError> {
        let hash = Digest::from_hex(&row.hash).ok_or_else(|| DbError::Data(format!("api_tokens.hash of row {}", row.id)))?;
        Ok(Self { id: ApiTokenId(row.id), user: UserId(row.user_id), name: row.name, hash })
    }
}

/// A row of `api_tokens` to be inserted.
#[derive(Insertable)]
#[diesel(table_name = api_tokens)]
pub(crate) struct NewApiTokenRow<'a> {
    /// 64 hexadecimal digits.
    pub(crate) hash: String,
    /// What its owner calls it.
    pub(crate) name: &'a str,
    /// Whose it is.
    pub(crate) user_id: i32,
    /// When it was made.
    pub(crate) created_at: Timestamp,
}

/// A row of `blacklist_tokens` to be inserted.
#[derive(Insertable)]
#[diesel(table_name = blacklist_tokens)]
pub(crate) struct NewBlacklistRow {
    /// The SHA-256 of the token: 64 hexadecimal digits.
    pub(crate) token: String,
    /// When it was refused.
    pub(crate) created_at: Timestamp,
    /// The same.
    pub(crate) updated_at: Timestamp,
}

/// A row of `password_reset_tokens` to be inserted.
#[derive(Insertable)]
#[diesel(table_name = password_reset_tokens)]
pub(crate) struct NewResetTokenRow {
    /// The SHA-256 of the token: 64 hexadecimal digits.
    pub(crate) token: String,
    /// Whose it is.
    pub(crate) user_id: i32,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// The same.
    pub(crate) updated_at: Timestamp,
}
