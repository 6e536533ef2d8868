//! The streams that there are.

use super::shown::{ShownStream, show};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{ids::ChatId, page::Page};
use lectern_persistence::{DbError, repo::streams};

/// A page of the caller's own streams, of one chat or of all.
///
/// # Errors
/// Failures of the database.
pub async fn list_streams(app: &App, caller: &Caller, chat: Option<ChatId>, page: Page) -> Result<Vec<ShownStream>, ServiceError> {
    let user = caller.user.id;
    let read = move |conn: &mut _| {
        let streams = streams::list(conn, user, chat, page)?;
        show(conn, user, streams)
    };
    Ok(app.bridge.read::<_, DbError>(read).await?)
}
