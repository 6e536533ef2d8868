//! An account that may no longer sign in.

use super::named;
use crate::{ServiceError, app::App};
use lectern_persistence::repo::users;

/// Refuses the account with that name or address: its sessions end, its API tokens stop working, nothing is deleted.
///
/// # Errors
/// [`ServiceError::UserNotFound`].
pub async fn disable(app: &App, name: String) -> Result<(), ServiceError> {
    app.bridge
        .write(move |tx| {
            let user = named(tx.conn(), &name)?;
            Ok(users::disable(tx.conn(), user.id)?)
        })
        .await
}
