//! Deleting a chat.

use super::permitted;
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_write_chat, chat::Chat, ids::ChatId};
use lectern_persistence::repo::chats;

/// Deletes a chat of the caller's with its streams, their feedback and their links to sources, and returns it as it was. An answer that
/// is being written for one of them ends within a heartbeat.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`].
pub async fn delete_chat(app: &App, caller: &Caller, id: ChatId) -> Result<Chat, ServiceError> {
    let who = caller.principal();
    app.bridge
        .write(move |tx| {
            let chat = permitted::chat(tx.conn(), who, id, may_write_chat)?;
            chats::delete(tx.conn(), id)?;
            Ok(chat)
        })
        .await
}
