//! A password for a session token.

use crate::{ServiceError, app::App, limits::Action};
use chrono::Utc;
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_persistence::{
    DbError,
    repo::{blacklist, users},
};
use std::net::IpAddr;

/// By what an account is named at sign-in.
#[derive(Debug, Clone)]
pub enum Login {
    /// Its name.
    Username(String),
    /// Its address, in whatever case.
    Email(EmailAddress),
}

impl Login {
    /// What tries for an account that is not there are counted under.
    fn name(&self) -> String {
        match self {
            Self::Username(name) => format!("name {name}"),
            Self::Email(address) => format!("address {}", address.key()),
        }
    }
}

/// Checks the password and gives a session token. Takes the same time for an unknown account. A password that is still under a hash of
/// the reference gets one of Lectern's own. Forgets sessions that were ended and would be over by now.
///
/// # Errors
/// [`ServiceError::TooMany`]; [`ServiceError::WrongCredentials`], then [`ServiceError::UserNotConfirmed`].
pub async fn sign_in(app: &App, login: Option<Login>, password: Password, from: Option<IpAddr>) -> Result<String, ServiceError> {
    let login = login.ok_or(ServiceError::WrongCredentials)?;
    let name = login.name();
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
    // An account has one allowance, whatever it is called by.
    let account = user.as_ref().map_or(name, |user| format!("id {}", user.id));
    app.count_try(Action::SignIn, from, Some(&account)).await?;
    let verified = app.auth.hashing.verify(&app.bridge, password, hashed.clone()).await?;
    let user = user.filter(|_| verified.right).ok_or(ServiceError::WrongCredentials)?;
    if let (Some(old), Some(new)) = (hashed, verified.rehashed) {
        let id = user.id;
        app.bridge.write::<_, DbError>(move |tx| users::rehash(tx.conn(), id, &old, &new)).await?;
    }
    if user.is_confirmed != Some(true) {
        return Err(ServiceError::UserNotConfirmed);
    }
    if some_are_over {
        app.bridge.write::<_, DbError>(move |tx| blacklist::delete_before(tx.conn(), over)).await?;
    }
    app.auth.sessions.issue(&user)
}
