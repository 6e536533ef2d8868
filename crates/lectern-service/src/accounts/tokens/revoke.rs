//! The end of an API token.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{digest::Digest, token::ApiToken};
use lectern_persistence::repo::api_tokens;

/// Deletes the token with that text and answers with what it was.
///
/// # Errors
/// [`ServiceError::TokenNotFound`]; [`ServiceError::Forbidden`] for a token of somebody else.
pub async fn revoke(app: &App, caller: &Caller, text: &str) -> Result<ApiToken, ServiceError> {
    let (user, digest) = (caller.user.id, Digest::of(text));
    app.bridge
        .write(move |tx| {
            let token = api_tokens::find_by_hash(tx.conn(), digest)?.ok_or(ServiceError::TokenNotFound)?;
            if token.user != user {
                return Err(ServiceError::Forbidden);
            }
            if api_tokens::delete(tx.conn(), token.id)? { Ok(token) } else { Err(ServiceError::TokenNotFound) }
        })
        .await
}
