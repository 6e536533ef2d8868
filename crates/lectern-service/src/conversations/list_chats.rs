//! The chats that there are.

use crate::{ServiceError, accounts::Presented, app::App};
use lectern_domain::{chat::Chat, page::Page};
use lectern_persistence::repo::chats;

/// A page of the caller's own chats, who is proved in the same trip to the database.
///
/// # Errors
/// As [`Presented::prove`].
pub async fn list_chats(app: &App, who: Presented, page: Page) -> Result<Vec<Chat>, ServiceError> {
    app.bridge
        .read(move |c| {
            let caller = who.prove(c)?;
            Ok(chats::list(c, caller.user.id, page)?)
        })
        .await
}
