//! The table `users`.

use crate::{schema::users, types::Timestamp};
use diesel::{Insertable, Queryable, Selectable};
use lectern_domain::{
    email::email_key,
    ids::UserId,
    user::{NewUser, User},
};

/// A row without its password's hash.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    id: i32,
    username: String,
    email: String,
    is_confirmed: Option<bool>,
    is_admin: bool,
    accept_cookie: bool,
    accept_retrain: bool,
    organization_id: Option<String>,
    organization_name: Option<String>,
    token_version: i32,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            is_confirmed: row.is_confirmed,
            is_admin: row.is_admin,
            accept_cookie: row.accept_cookie,
            accept_retrain: row.accept_retrain,
            organization_id: row.organization_id,
            organization_name: row.organization_name,
            token_version: row.token_version,
            created_at: row.created_at.map(Into::into),
            updated_at: row.updated_at.map(Into::into),
        }
    }
}

/// A row to be inserted.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow<'a> {
    username: &'a str,
    email: &'a str,
    email_key: String,
    hashed_password: &'a str,
    is_confirmed: Option<bool>,
    is_admin: bool,
    accept_cookie: bool,
    accept_retrain: bool,
    organization_id: Option<&'a str>,
    organization_name: Option<&'a str>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a NewUser> for NewUserRow<'a> {
    fn from(user: &'a NewUser) -> Self {
        let now = Timestamp::now();
        Self {
            username: &user.username,
            email: &user.email,
            email_key: email_key(&user.email),
            hashed_password: &user.hashed_password,
            is_confirmed: user.is_confirmed,
            is_admin: user.is_admin,
            accept_cookie: user.accept_cookie,
            accept_retrain: user.accept_retrain,
            organization_id: user.organization_id.as_deref(),
            organization_name: user.organization_name.as_deref(),
            created_at: now,
            updated_at: now,
        }
    }
}
