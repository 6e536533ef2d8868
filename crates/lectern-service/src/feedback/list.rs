//! The opinions that there are.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{feedback::Feedback, page::Page};
use lectern_persistence::{DbError, repo::feedbacks};

/// A page of the caller's own feedback.
///
/// # Errors
/// Failures of the database.
pub async fn list(app: &App, caller: &Caller, page: Page) -> Result<Vec<Feedback>, ServiceError> {
    let user = caller.user.id;
    Ok(app.bridge.read::<_, DbError>(move |conn| feedbacks::list(conn, user, page)).await?)
}
