//! A chat or a stream, for somebody who may do with it what is meant: looked up and judged in one place.

use crate::ServiceError;
use lectern_domain::{
    access::Principal,
    chat::Chat,
    ids::{ChatId, StreamId, UserId},
    stream::Stream,
};
use lectern_persistence::{
    Conn,
    repo::{chats, streams},
};

/// The chat, where `may` allows it, one of the rules of `access`.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`]; failures of the database.
pub(super) fn chat(conn: &mut Conn, who: Principal, id: ChatId, may: fn(Principal, &Chat) -> bool) -> Result<Chat, ServiceError> {
    let chat = chats::find(conn, id)?.ok_or(ServiceError::ChatNotFound)?;
    if may(who, &chat) { Ok(chat) } else { Err(ServiceError::Forbidden) }
}

/// The stream, where `may` allows it, one of the rules of `access`.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`]; failures of the database.
pub(crate) fn stream(
    conn: &mut Conn,
    who: Principal,
    id: StreamId,
    may: fn(Principal, &Stream, Option<UserId>) -> bool,
) -> Result<Stream, ServiceError> {
    let (stream, chat_owner) = streams::find(conn, id)?.ok_or(ServiceError::StreamNotFound)?;
    if may(who, &stream, chat_owner) { Ok(stream) } else { Err(ServiceError::Forbidden) }
}
