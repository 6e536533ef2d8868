//! An account that administers the installation.

use super::named;
use crate::{ServiceError, app::App};
use lectern_persistence::repo::users;

/// Makes the account with that name or address an administrator.
///
/// # Errors
/// [`ServiceError::UserNotFound`].
pub async fn make_admin(app: &App, name: String) -> Result<(), ServiceError> {
    app.bridge
        .write(move |tx| {
            let user = named(tx.conn(), &name)?;
            Ok(users::make_admin(tx.conn(), user.id)?)
        })
        .await
}
