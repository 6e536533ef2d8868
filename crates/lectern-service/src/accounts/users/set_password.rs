//! Another password.

use super::named;
use crate::{ServiceError, app::App};
use lectern_domain::password::Password;
use lectern_persistence::repo::users;

/// Gives the account with that name or address another password: every session of it ends.
///
/// # Errors
/// [`ServiceError::UserNotFound`].
pub async fn set_password(app: &App, name: String, password: Password) -> Result<(), ServiceError> {
    let hashed = app.auth.hashing.hash(&app.bridge, password).await?;
    app.bridge
        .write(move |tx| {
            let user = named(tx.conn(), &name)?;
            Ok(users::set_password(tx.conn(), user.id, &hashed)?)
        })
        .await
}
