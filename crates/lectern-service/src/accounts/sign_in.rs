//! A password for a session token.

use crate::{ServiceError, app::App};
use chrono::Utc;
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_persistence::{
    DbError,
    repo::{blacklist, users},
};

/// By what an account is named at sign-in.
#[derive(Debug, Clone)]
pub enum Login {
    /// Its name.
    Username(String),
    /// Its address, in whatever case.
    Email(EmailAddress),
}

/// Checks the password and gives a session token. Takes the same time for an unknown account. Forgets sessions that were ended and
/// would be over by now.
///
/// # Errors
/// [`ServiceError::WrongCredentials`], then [`ServiceError::UserNotConfirmed`].
pub async fn sign_in(app: &App, login: Option<Login>, password: Password) -> Result<String, ServiceError> {
    let login = login.ok_or(ServiceError::WrongCredentials)?;
    let ttl = chrono::Duration::from_std(app.auth.sessions.ttl()).unwrap_or(chrono::Duration::MAX);
    let over = Utc::now().checked_sub_signed(ttl).unwrap_or_default();
    let (found, some_are_over) = app
        .bridge
        .read::<_, DbError>(move |c| {
            let found = match &login {
                Login::Username(name) => users::with_password_by_username(c, name)?,
                Login::Email(address) => users::with_password_by_email(c, &address.key())?,
            };
            Ok((found, blacklist::any_before(c, over)?))
        })
        .await?;
    let (user, hashed) = found.unzip();
    let right = app.auth.hashing.verify(&app.bridge, password, hashed).await?;
    let user = user.filter(|_| right).ok_or(ServiceError::WrongCredentials)?;
    if user.is_confirmed != Some(true) {
        return Err(ServiceError::UserNotConfirmed);
    }
    if some_are_over {
        app.bridge.write::<_, DbError>(move |tx| blacklist::delete_before(tx.conn(), over)).await?;
    }
    app.auth.sessions.issue(&user)
}
