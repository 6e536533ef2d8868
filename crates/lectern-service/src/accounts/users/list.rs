//! The accounts that there are.

use crate::{ServiceError, app::App};
use lectern_domain::user::User;
use lectern_persistence::{DbError, repo::users};

/// Every account, oldest first.
///
/// # Errors
/// Failures of the database.
pub async fn list(app: &App) -> Result<Vec<User>, ServiceError> {
    Ok(app.bridge.read::<_, DbError>(users::list).await?)
}
