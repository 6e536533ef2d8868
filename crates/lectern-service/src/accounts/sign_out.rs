//! The end of a session.

use super::{Caller, Credential};
use crate::{ServiceError, app::App};
use lectern_persistence::{DbError, repo::blacklist};

/// Ends the session that the caller came with.
///
/// # Errors
/// [`ServiceError::ApiTokenSignOut`] where there is none.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<(), ServiceError> {
    let Credential::Session(digest) = caller.credential else { return Err(ServiceError::ApiTokenSignOut) };
    app.bridge.write::<_, DbError>(move |tx| blacklist::insert(tx.conn(), digest)).await?;
    Ok(())
}
