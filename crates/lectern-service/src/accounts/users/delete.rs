//! The end of an account.

use super::named;
use crate::{ServiceError, app::App};
use lectern_persistence::repo::users;

/// Deletes the account with that name or address, and with it its chats, streams, feedback and tokens.
///
/// # Errors
/// [`ServiceError::UserNotFound`].
pub async fn delete(app: &App, name: String) -> Result<(), ServiceError> {
    app.bridge
        .write(move |tx| {
            let user = named(tx.conn(), &name)?;
            if users::delete(tx.conn(), user.id)? { Ok(()) } else { Err(ServiceError::UserNotFound) }
        })
        .await
}
