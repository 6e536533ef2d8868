//! A new API token.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{digest::Digest, token::TokenName};
use lectern_persistence::{DbError, repo::api_tokens};
use uuid::Uuid;

/// Makes a token and answers with its text, which nobody can find out again: its SHA-256 alone is stored.
///
/// # Errors
/// Failures of the database.
pub async fn create(app: &App, caller: &Caller, name: TokenName) -> Result<String, ServiceError> {
    let token = Uuid::new_v4().to_string();
    let (user, digest) = (caller.user.id, Digest::of(&token));
    app.bridge.write::<_, DbError>(move |tx| api_tokens::insert(tx.conn(), user, &name, digest)).await?;
    Ok(token)
}
