//! Who is calling.

use super::session::Session;
use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, digest::Digest, user::User};
use lectern_persistence::{Conn, repo::users};

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

/// What a request presents to prove who calls: read and, where it is signed, found genuine; whether it still counts is for the database to say.
#[derive(Debug, Clone, Copy)]
pub struct Presented(Proof);

#[derive(Debug, Clone, Copy)]
enum Proof {
    Session(Session, Digest),
    ApiToken(Digest),
}

impl Presented {
    /// Reads the `Authorization` header: its second word, whatever the first one is.
    ///
    /// # Errors
    /// [`ServiceError::NoCredentials`], [`ServiceError::Unauthorized`].
    pub fn read(app: &App, header: Option<&str>) -> Result<Self, ServiceError> {
        let header = header.filter(|header| !header.is_empty()).ok_or(ServiceError::NoCredentials)?;
        let word = header.split(' ').nth(1).ok_or(ServiceError::Unauthorized)?;
        let digest = Digest::of(word);
        // API tokens have no periods and session tokens have two, so that one look-up decides.
        if !word.contains('.') {
            return Ok(Self(Proof::ApiToken(digest)));
        }
        let session = app.auth.sessions.read(word).ok_or(ServiceError::Unauthorized)?;
        Ok(Self(Proof::Session(session, digest)))
    }

    /// Proves it, with one query. A use case that needs the database anyway proves it in the same trip.
    ///
    /// # Errors
    /// [`ServiceError::Unauthorized`], [`ServiceError::UserNotFound`], [`ServiceError::UserNotConfirmed`].
    pub fn prove(self, conn: &mut Conn) -> Result<Caller, ServiceError> {
        let caller = match self.0 {
            Proof::Session(session, digest) => match users::by_session(conn, session.user, digest)? {
                None => return Err(ServiceError::UserNotFound),
                Some((user, false)) if user.token_version == session.version => Caller { user, credential: Credential::Session(digest) },
                // It was signed out, or made before the sessions of the account were ended.
                Some(_) => return Err(ServiceError::Unauthorized),
            },
            Proof::ApiToken(digest) => {
                let user = users::by_api_token(conn, digest)?.ok_or(ServiceError::Unauthorized)?;
                Caller { user, credential: Credential::ApiToken }
            }
        };
        if caller.user.is_confirmed == Some(true) { Ok(caller) } else { Err(ServiceError::UserNotConfirmed) }
    }
}

/// Finds out who is calling from the `Authorization` header.
///
/// # Errors
/// As [`Presented::read`] and [`Presented::prove`].
pub async fn authenticate(app: &App, header: Option<&str>) -> Result<Caller, ServiceError> {
    let presented = Presented::read(app, header)?;
    app.bridge.read(move |c| presented.prove(c)).await
}
