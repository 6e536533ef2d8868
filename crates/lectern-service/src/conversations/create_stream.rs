//! A new question.

use super::ShownStream;
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_write_chat, ids::ChatId, stream::NewStream};
use lectern_persistence::repo::{chats, sources, streams};

/// Keeps a question of the caller's, in a chat of theirs or on its own. A source that is named twice counts once.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`] for a chat of somebody else.
pub async fn create_stream(app: &App, caller: &Caller, chat: Option<ChatId>, mut question: NewStream) -> Result<ShownStream, ServiceError> {
    let (who, user) = (caller.principal(), caller.user.id);
    let mut names = Vec::new();
    question.sources.retain(|name| {
        let first = !names.contains(name);
        if first {
            names.push(name.clone());
        }
        first
    });
    app.bridge
        .write(move |tx| {
            if let Some(id) = chat {
                let chat = chats::find(tx.conn(), id)?.ok_or(ServiceError::ChatNotFound)?;
                if !may_write_chat(who, &chat) {
                    return Err(ServiceError::Forbidden);
                }
            }
            let stream = streams::insert(tx.conn(), user, chat, question)?;
            if !names.is_empty() {
                sources::ensure(tx.conn(), &names)?;
                sources::link(tx.conn(), stream.id, &names)?;
            }
            Ok(ShownStream::new(stream))
        })
        .await
}
