//! Accounts.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::user::{NewUserRow, UserRow},
    schema::{api_tokens, blacklist_tokens, users},
    types::Timestamp,
};
use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{exists, select},
};
use lectern_domain::{
    digest::Digest,
    ids::UserId,
    user::{NewUser, User},
};

/// Inserts an account.
///
/// # Errors
/// The unique violations of `ix_users_username` and `ix_users_email_key`, and failures of the database.
pub fn insert(conn: &mut Conn, user: &NewUser) -> Result<User, DbError> {
    let row = NewUserRow::from(user);
    let inserted = with_conn!(conn, c => diesel::insert_into(users::table).values(&row).returning(UserRow::as_returning()).get_result(c))?;
    Ok(inserted.into())
}

/// The account with that id.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, DbError> {
    Ok(with_conn!(conn, c => users::table.filter(users::id.eq(id.0)).select(UserRow::as_select()).get_result(c))
        .optional()?
        .map(User::from))
}

/// The account with that name.
///
/// # Errors
/// Failures of the database.
pub fn find_by_username(conn: &mut Conn, username: &str) -> Result<Option<User>, DbError> {
    Ok(with_conn!(conn, c => users::table.filter(users::username.eq(username)).select(UserRow::as_select()).get_result(c))
        .optional()?
        .map(User::from))
}

/// The account with that key of an address ([`lectern_domain::email::email_key`]).
///
/// # Errors
/// Failures of the database.
pub fn find_by_email(conn: &mut Conn, key: &str) -> Result<Option<User>, DbError> {
    Ok(with_conn!(conn, c => users::table.filter(users::email_key.eq(key)).select(UserRow::as_select()).get_result(c))
        .optional()?
        .map(User::from))
}

/// The account with that name, and the hash of its password.
///
/// # Errors
/// Failures of the database.
pub fn with_password_by_username(conn: &mut Conn, username: &str) -> Result<Option<(User, String)>, DbError> {
    Ok(with_conn!(conn, c => users::table.filter(users::username.eq(username)).select((UserRow::as_select(), users::hashed_password)).get_result::<(UserRow, String)>(c)).optional()?.map(|(row, hash)| (row.into(), hash)))
}

/// The account with that key of an address, and the hash of its password.
///
/// # Errors
/// Failures of the database.
pub fn with_password_by_email(conn: &mut Conn, key: &str) -> Result<Option<(User, String)>, DbError> {
    Ok(with_conn!(conn, c => users::table.filter(users::email_key.eq(key)).select((UserRow::as_select(), users::hashed_password)).get_result::<(UserRow, String)>(c)).optional()?.map(|(row, hash)| (row.into(), hash)))
}

/// The account of a session token, and whether that token was signed out.
///
/// # Errors
/// Failures of the database.
pub fn by_session(conn: &mut Conn, id: UserId, token: Digest) -> Result<Option<(User, bool)>, DbError> {
    let ended = exists(blacklist_tokens::table.filter(blacklist_tokens::token.eq(token.to_hex())));
    Ok(with_conn!(conn, c => users::table.filter(users::id.eq(id.0)).select((UserRow::as_select(), ended)).get_result::<(UserRow, bool)>(c)).optional()?.map(|(row, ended)| (row.into(), ended)))
}

/// The account of an API token.
///
/// # Errors
/// Failures of the database.
pub fn by_api_token(conn: &mut Conn, token: Digest) -> Result<Option<User>, DbError> {
    Ok(with_conn!(conn, c => api_tokens::table
        .inner_join(users::table.on(users::id.eq(api_tokens::user_id)))
        .filter(api_tokens::hash.eq(token.to_hex()))
        .select(UserRow::as_select()).get_result(c))
    .optional()?
    .map(User::from))
}

/// Every account, by id.
///
/// # Errors
/// Failures of the database.
pub fn list(conn: &mut Conn) -> Result<Vec<User>, DbError> {
    Ok(with_conn!(conn, c => users::table.order(users::id).select(UserRow::as_select()).load(c))?.into_iter().map(User::from).collect())
}

/// The accounts that nobody decided about yet, by id.
///
/// # Errors
/// Failures of the database.
pub fn pending(conn: &mut Conn) -> Result<Vec<User>, DbError> {
    let rows: Vec<UserRow> =
        with_conn!(conn, c => users::table.filter(users::is_confirmed.is_null()).order(users::id).select(UserRow::as_select()).load(c))?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// Decides about an account that nobody decided about yet. Whether it was one.
///
/// # Errors
/// Failures of the database.
pub fn decide(conn: &mut Conn, id: UserId, is_confirmed: bool) -> Result<bool, DbError> {
    let query = diesel::update(users::table.filter(users::id.eq(id.0)).filter(users::is_confirmed.is_null()))
        .set((users::is_confirmed.eq(Some(is_confirmed)), users::updated_at.eq(Some(Timestamp::now()))));
    Ok(with_conn!(conn, c => query.execute(c))? > 0)
}

/// Keeps a password under another hash, unless it was changed meanwhile. Sessions go on.
///
/// # Errors
/// Failures of the database.
pub fn rehash(conn: &mut Conn, id: UserId, old: &str, new: &str) -> Result<(), DbError> {
    let query =
        diesel::update(users::table.filter(users::id.eq(id.0)).filter(users::hashed_password.eq(old))).set(users::hashed_password.eq(new));
    with_conn!(conn, c => query.execute(c))?;
    Ok(())
}

/// Whether somebody administers the installation.
///
/// # Errors
/// Failures of the database.
pub fn any_admin(conn: &mut Conn) -> Result<bool, DbError> {
    let query = select(exists(users::table.filter(users::is_admin.eq(true))));
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// Refuses an account and ends its sessions.
///
/// # Errors
/// Failures of the database.
pub fn disable(conn: &mut Conn, id: UserId) -> Result<(), DbError> {
    let query = diesel::update(users::table.filter(users::id.eq(id.0))).set((
        users::is_confirmed.eq(Some(false)),
        users::token_version.eq(users::token_version + 1),
        users::updated_at.eq(Some(Timestamp::now())),
    ));
    with_conn!(conn, c => query.execute(c))?;
    Ok(())
}

/// Makes an account an administrator.
///
/// # Errors
/// Failures of the database.
pub fn make_admin(conn: &mut Conn, id: UserId) -> Result<(), DbError> {
    let query = diesel::update(users::table.filter(users::id.eq(id.0)))
        .set((users::is_admin.eq(true), users::updated_at.eq(Some(Timestamp::now()))));
    with_conn!(conn, c => query.execute(c))?;
    Ok(())
}

/// Gives an account another password and ends its sessions.
///
/// # Errors
/// Failures of the database.
pub fn set_password(conn: &mut Conn, id: UserId, hashed_password: &str) -> Result<(), DbError> {
    let query = diesel::update(users::table.filter(users::id.eq(id.0))).set((
        users::hashed_password.eq(hashed_password),
        users::token_version.eq(users::token_version + 1),
        users::updated_at.eq(Some(Timestamp::now())),
    ));
    with_conn!(conn, c => query.execute(c))?;
    Ok(())
}

/// Deletes an account and what is its own: chats, streams, feedback, tokens. Whether it was there.
///
/// # Errors
/// Failures of the database.
pub fn delete(conn: &mut Conn, id: UserId) -> Result<bool, DbError> {
    let query = diesel::delete(users::table.filter(users::id.eq(id.0)));
    Ok(with_conn!(conn, c => query.execute(c))? > 0)
}

/// Lets no other transaction that does the same with this account go on until this one has ended, on PostgreSQL; SQLite has one writer. For
/// what counts the account's rows before it adds one.
///
/// # Errors
/// Failures of the database.
pub fn in_turn(conn: &mut Conn, id: UserId) -> Result<(), DbError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => {
            users::table.filter(users::id.eq(id.0)).select(users::id).for_no_key_update().get_result::<i32>(c).optional()?;
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {
            let _ = id;
        }
    }
    Ok(())
}
