//! The streams that there are.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{ids::ChatId, page::Page, stream::Stream};
use lectern_persistence::{DbError, repo::streams};

/// A page of the caller's own streams, of one chat or of all.
///
/// # Errors
/// Failures of the database.
pub async fn list_streams(app: &App, caller: &Caller, chat: Option<ChatId>, page: Page) -> Result<Vec<Stream>, ServiceError> {
    let user = caller.user.id;
    Ok(app.bridge.read::<_, DbError>(move |c| streams::list(c, user, chat, page)).await?)
}
