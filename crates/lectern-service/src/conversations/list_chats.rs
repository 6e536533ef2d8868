//! The chats that there are.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{chat::Chat, page::Page};
use lectern_persistence::{DbError, repo::chats};

/// A page of the caller's own chats.
///
/// # Errors
/// Failures of the database.
pub async fn list_chats(app: &App, caller: &Caller, page: Page) -> Result<Vec<Chat>, ServiceError> {
    let user = caller.user.id;
    Ok(app.bridge.read::<_, DbError>(move |c| chats::list(c, user, page)).await?)
}
