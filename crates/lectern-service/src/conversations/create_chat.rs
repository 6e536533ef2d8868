//! A new chat.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::chat::{Chat, NewChat};
use lectern_persistence::{DbError, repo::chats};

/// Makes a chat of the caller's.
///
/// # Errors
/// Failures of the database.
pub async fn create_chat(app: &App, caller: &Caller, chat: NewChat) -> Result<Chat, ServiceError> {
    let user = caller.user.id;
    Ok(app.bridge.write::<_, DbError>(move |tx| chats::insert(tx.conn(), user, &chat)).await?)
}
