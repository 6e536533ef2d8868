//! The API tokens that there are.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::token::ApiToken;
use lectern_persistence::{DbError, repo::api_tokens};

/// The caller's own tokens, oldest first.
///
/// # Errors
/// Failures of the database.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ApiToken>, ServiceError> {
    let user = caller.user.id;
    Ok(app.bridge.read::<_, DbError>(move |c| api_tokens::list(c, user)).await?)
}
