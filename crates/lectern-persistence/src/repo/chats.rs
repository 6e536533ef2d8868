//! Chats, each with its number of streams in the same query.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::chat::{ChatRow, NewChatRow},
    schema::{chats, streams},
    types::Timestamp,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::count_star,
};
use lectern_domain::{
    chat::{Chat, ChatChange, NewChat},
    ids::{ChatId, UserId},
    page::Page,
};

/// The number of streams of the chat of the outer query.
macro_rules! stream_count {
    () => {
        streams::table.filter(streams::chat_id.eq(chats::id.nullable())).select(count_star()).single_value().assume_not_null()
    };
}

/// Inserts a chat of that user.
///
/// # Errors
/// Failures of the database.
pub fn insert(conn: &mut Conn, user: UserId, chat: &NewChat) -> Result<Chat, DbError> {
    let row = NewChatRow::new(user, chat);
    let inserted = with_conn!(conn, c => diesel::insert_into(chats::table).values(&row).returning(ChatRow::as_returning()).get_result(c))?;
    inserted.with_count(0)
}

/// The chat with that id.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn, id: ChatId) -> Result<Option<Chat>, DbError> {
    let found = with_conn!(conn, c => chats::table.filter(chats::id.eq(id.0)).select((ChatRow::as_select(), stream_count!())).get_result::<(ChatRow, i64)>(c)).optional()?;
    found.map(|(row, count)| row.with_count(count)).transpose()
}

/// A page of the chats of a user, by id.
///
/// # Errors
/// Failures of the database.
pub fn list(conn: &mut Conn, user: UserId, page: Page) -> Result<Vec<Chat>, DbError> {
    let rows: Vec<(ChatRow, i64)> = with_conn!(conn, c => { let query = chats::table
        .filter(chats::user_id.eq(user.0))
        .select((ChatRow::as_select(), stream_count!()))
        .offset(page.skip.into())
        .limit(page.limit.into()); if page.descending {
        query.order(chats::id.desc()).load(c)
    } else {
        query.order(chats::id.asc()).load(c)
    } })?;
    rows.into_iter().map(|(row, count)| row.with_count(count)).collect()
}

/// Changes a chat, and the time of its last change with it.
///
/// # Errors
/// Failures of the database.
pub fn update(conn: &mut Conn, id: ChatId, change: &ChatChange) -> Result<(), DbError> {
    let set = (
        change.name.as_deref().map(|name| chats::chat_name.eq(name)),
        change.chat_type.map(|chat_type| chats::chat_type.eq(chat_type.as_str())),
        chats::updated_at.eq(Timestamp::now()),
    );
    with_conn!(conn, c => diesel::update(chats::table.filter(chats::id.eq(id.0))).set(set).execute(c))?;
    Ok(())
}

/// Deletes a chat; its streams, their feedback and their links to sources go with it.
///
/// # Errors
/// Failures of the database.
pub fn delete(conn: &mut Conn, id: ChatId) -> Result<(), DbError> {
    with_conn!(conn, c => diesel::delete(chats::table.filter(chats::id.eq(id.0))).execute(c))?;
    Ok(())
}

/// Names a chat that has no name; another one stays.
///
/// # Errors
/// Failures of the database.
pub fn name(conn: &mut Conn, id: ChatId, name: &str) -> Result<(), DbError> {
    let nameless = chats::table.filter(chats::id.eq(id.0)).filter(chats::chat_name.is_null().or(chats::chat_name.eq("")));
    let set = (chats::chat_name.eq(name), chats::updated_at.eq(Timestamp::now()));
    with_conn!(conn, c => diesel::update(nameless).set(set).execute(c))?;
    Ok(())
}
