//! Who is calling.

use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, digest::Digest, user::User};
use lectern_persistence::{DbError, repo::users};

/// What proved who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An API token.
    ApiToken,
    /// A session token, by its SHA-256.
    Session(Digest),
}

/// Who is calling, proved.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// What proved it.
    pub credential: Credential,
}

impl Caller {
    /// The same, as the access rules take it.
    pub fn principal(&self) -> Principal {
        Principal::from(&self.user)
    }
}

/// Finds out who is calling from the `Authorization` header: its second word, whatever the first one is. One query.
///
/// # Errors
/// [`ServiceError::NoCredentials`], [`ServiceError::Unauthorized`], [`ServiceError::UserNotFound`], [`ServiceError::UserNotConfirmed`].
pub async fn authenticate(app: &App, header: Option<&str>) -> Result<Caller, ServiceError> {
    let header = header.filter(|header| !header.is_empty()).ok_or(ServiceError::NoCredentials)?;
    let word = header.split(' ').nth(1).ok_or(ServiceError::Unauthorized)?;
    let digest = Digest::of(word);
    // API tokens have no periods and session tokens have two, so that one look-up decides.
    let caller = if word.contains('.') {
        let session = app.auth.sessions.read(word).ok_or(ServiceError::Unauthorized)?;
        let found = app.bridge.read::<_, DbError>(move |c| users::by_session(c, session.user, digest)).await?;
        let user = match found {
            None => return Err(ServiceError::UserNotFound),
            Some((_, true)) => return Err(ServiceError::Unauthorized),
            Some((user, false)) if user.token_version != session.version => return Err(ServiceError::Unauthorized),
            Some((user, false)) => user,
        };
        Caller { user, credential: Credential::Session(digest) }
    } else {
        let user = app.bridge.read::<_, DbError>(move |c| users::by_api_token(c, digest)).await?;
        Caller { user: user.ok_or(ServiceError::Unauthorized)?, credential: Credential::ApiToken }
    };
    if caller.user.is_confirmed == Some(true) { Ok(caller) } else { Err(ServiceError::UserNotConfirmed) }
}
