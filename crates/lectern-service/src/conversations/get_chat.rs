//! One chat.

use super::permitted;
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_chat, chat::Chat, ids::ChatId};

/// The chat, for who may read it.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`].
pub async fn get_chat(app: &App, caller: &Caller, id: ChatId) -> Result<Chat, ServiceError> {
    let who = caller.principal();
    app.bridge.read(move |conn| permitted::chat(conn, who, id, may_read_chat)).await
}
