//! Changing a chat.

use super::permitted;
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{
    access::may_write_chat,
    chat::{Chat, ChatChange},
    ids::ChatId,
};
use lectern_persistence::repo::chats;

/// Changes a chat of the caller's. One that is already as it is asked to be stays untouched, the time of its last change too.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`].
pub async fn update_chat(app: &App, caller: &Caller, id: ChatId, change: ChatChange) -> Result<Chat, ServiceError> {
    let who = caller.principal();
    app.bridge
        .write(move |tx| {
            let chat = permitted::chat(tx.conn(), who, id, may_write_chat)?;
            let renamed = change.name.is_some() && change.name != chat.name;
            let retyped = change.chat_type.is_some_and(|chat_type| chat_type != chat.chat_type);
            if !renamed && !retyped {
                return Ok(chat);
            }
            chats::update(tx.conn(), id, &change)?;
            chats::find(tx.conn(), id)?.ok_or(ServiceError::ChatNotFound)
        })
        .await
}
