//! Streams, with their sources in a second query, and in a third whether an answer is being written where one seems to be.

use super::{runs, sources};
use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::stream::{NewStreamRow, StreamRow},
    schema::{chats, streams},
    types::{JsonValue, Timestamp},
};
use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use lectern_domain::{
    ids::{ChatId, StreamId, UserId},
    page::Page,
    stream::{NewStream, Stream},
};
use std::collections::HashSet;

/// Inserts a question of that user. Its sources are for [`sources::link`].
///
/// # Errors
/// Failures of the database.
pub fn insert(conn: &mut Conn, user: UserId, chat: Option<ChatId>, question: NewStream) -> Result<Stream, DbError> {
    let row = NewStreamRow::new(user, chat, &question);
    let inserted =
        with_conn!(conn, c => diesel::insert_into(streams::table).values(&row).returning(StreamRow::as_returning()).get_result(c))?;
    inserted.into_stream(question.sources, false)
}

/// The stream with that id, and the owner of its chat.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn, id: StreamId) -> Result<Option<(Stream, Option<UserId>)>, DbError> {
    let found = with_conn!(conn, c => streams::table.left_join(chats::table).filter(streams::id.eq(id.0)).select((StreamRow::as_select(), chats::user_id.nullable())).get_result::<(StreamRow, Option<i32>)>(c)).optional()?;
    let Some((row, chat_owner)) = found else { return Ok(None) };
    let stream = with_sources(conn, vec![row])?.pop();
    Ok(stream.map(|stream| (stream, chat_owner.map(UserId))))
}

/// A page of the streams of a user, by id; of one chat where one is given.
///
/// # Errors
/// Failures of the database.
pub fn list(conn: &mut Conn, user: UserId, chat: Option<ChatId>, page: Page) -> Result<Vec<Stream>, DbError> {
    let rows: Vec<StreamRow> = with_conn!(&mut *conn, c => {
        let mut query = streams::table
            .filter(streams::user_id.eq(user.0))
            .select(StreamRow::as_select())
            .offset(page.skip.into())
            .limit(page.limit.into())
            .into_boxed();
        if let Some(chat) = chat {
            query = query.filter(streams::chat_id.eq(chat.0));
        }
        if page.descending { query.order(streams::id.desc()).load(c) } else { query.order(streams::id.asc()).load(c) }
    })?;
    with_sources(conn, rows)
}

/// Every stream of a chat, whoever asked, by id.
///
/// # Errors
/// Failures of the database.
pub fn of_chat(conn: &mut Conn, chat: ChatId) -> Result<Vec<Stream>, DbError> {
    let rows: Vec<StreamRow> = with_conn!(&mut *conn, c => streams::table
        .filter(streams::chat_id.eq(chat.0))
        .order(streams::id)
        .select(StreamRow::as_select())
        .load(c))?;
    with_sources(conn, rows)
}

/// The streams of these rows; one query reads the sources of all of them. An answer whose writer is not alive any more is not being
/// written, whatever its row says; only where a row says that one is, another query asks.
fn with_sources(conn: &mut Conn, rows: Vec<StreamRow>) -> Result<Vec<Stream>, DbError> {
    let ids: Vec<StreamId> = rows.iter().map(StreamRow::id).collect();
    let mut names = sources::of_streams(conn, &ids)?;
    let said: Vec<StreamId> = rows.iter().filter(|row| row.is_streaming()).map(StreamRow::id).collect();
    let written = if said.is_empty() { HashSet::new() } else { runs::alive(conn, &said)? };
    rows.into_iter()
        .map(|row| {
            let id = row.id();
            row.into_stream(names.remove(&id).unwrap_or_default(), written.contains(&id))
        })
        .collect()
}

/// A question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredTurn {
    /// The stream.
    pub stream: StreamId,
    /// The question.
    pub query: String,
    /// The answer.
    pub response: String,
}

/// The last questions of a chat before a stream that have an answer, with it, the latest first.
///
/// # Errors
/// Failures of the database.
pub fn answered_before(conn: &mut Conn, chat: ChatId, before: StreamId, limit: u32) -> Result<Vec<AnsweredTurn>, DbError> {
    let query = streams::table
        .filter(streams::chat_id.eq(chat.0))
        .filter(streams::id.lt(before.0))
        .filter(streams::query.is_not_null())
        .filter(streams::query.ne(""))
        .filter(streams::response.is_not_null())
        .filter(streams::response.ne(""))
        .order(streams::id.desc())
        .limit(limit.into())
        .select((streams::id, streams::query.assume_not_null(), streams::response.assume_not_null()));
    let rows: Vec<(i32, String, String)> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|(id, query, response)| AnsweredTurn { stream: StreamId(id), query, response }).collect())
}

/// Keeps the documents that a search on behalf of a stream found.
///
/// # Errors
/// Failures of the database.
pub fn keep_search(conn: &mut Conn, id: StreamId, sids: Vec<String>) -> Result<(), DbError> {
    let update = diesel::update(streams::table.filter(streams::id.eq(id.0)))
        .set((streams::search_sids.eq(JsonValue(sids.into())), streams::updated_at.eq(Timestamp::now())));
    with_conn!(conn, c => update.execute(c))?;
    Ok(())
}
