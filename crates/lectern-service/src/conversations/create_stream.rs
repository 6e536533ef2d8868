//! A new question.

use super::ShownStream;
use crate::{
    ServiceError,
    accounts::{Caller, Presented},
    app::App,
};
use lectern_domain::{access::may_write_chat, ids::ChatId, stream::NewStream};
use lectern_persistence::{
    Backend,
    repo::{chats, sources, streams},
};

/// Keeps a question of the caller's, in a chat of theirs or on its own. A source that is named twice counts once. The caller is proved first: on
/// PostgreSQL in the same trip to the database; on SQLite, whose one writer all writes wait for, in a trip before it.
///
/// # Errors
/// As [`Presented::prove`]; [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`] for a chat of somebody else.
pub async fn create_stream(
    app: &App,
    presented: Presented,
    chat: Option<ChatId>,
    mut question: NewStream,
) -> Result<ShownStream, ServiceError> {
    let mut names = Vec::new();
    question.sources.retain(|name| {
        let first = !names.contains(name);
        if first {
            names.push(name.clone());
        }
        first
    });
    let proved = match app.bridge.database().backend() {
        Backend::Sqlite => Some(app.bridge.read(move |c| presented.prove(c)).await?),
        Backend::Postgres => None,
    };
    app.bridge
        .write(move |tx| {
            let caller: Caller = match proved {
                Some(caller) => caller,
                None => presented.prove(tx.conn())?,
            };
            if let Some(id) = chat {
                let chat = chats::find(tx.conn(), id)?.ok_or(ServiceError::ChatNotFound)?;
                if !may_write_chat(caller.principal(), &chat) {
                    return Err(ServiceError::Forbidden);
                }
            }
            let stream = streams::insert(tx.conn(), caller.user.id, chat, question)?;
            if !names.is_empty() {
                sources::ensure(tx.conn(), &names)?;
                sources::link(tx.conn(), stream.id, &names)?;
            }
            Ok(ShownStream::new(stream))
        })
        .await
}
