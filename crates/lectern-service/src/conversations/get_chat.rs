//! One chat.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_chat, chat::Chat, ids::ChatId};
use lectern_persistence::{DbError, repo::chats};

/// The chat, for who may read it.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`].
pub async fn get_chat(app: &App, caller: &Caller, id: ChatId) -> Result<Chat, ServiceError> {
    let chat = app.bridge.read::<_, DbError>(move |c| chats::find(c, id)).await?.ok_or(ServiceError::ChatNotFound)?;
    if may_read_chat(caller.principal(), &chat) { Ok(chat) } else { Err(ServiceError::Forbidden) }
}
