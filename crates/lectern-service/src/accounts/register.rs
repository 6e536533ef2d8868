//! A new account, which an administrator must confirm.

use crate::{ServiceError, app::App, limits::Action, mail::Letter};
use lectern_domain::{
    email::EmailAddress,
    password::Password,
    user::{NewUser, User},
};
use lectern_persistence::{DbError, Tx, repo::users};
use std::net::IpAddr;

/// What a new user says.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The name to sign in with.
    pub username: String,
    /// The address.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
    /// The organisation, where one is given.
    pub organization_id: Option<String>,
    /// Its name.
    pub organization_name: Option<String>,
    /// Whether cookies are accepted.
    pub accept_cookie: bool,
    /// Whether conversations may be used to train models.
    pub accept_retrain: bool,
}

/// Makes an account that is not confirmed yet, and tells its owner and who looks after the installation.
///
/// # Errors
/// [`ServiceError::UsernameTaken`], then [`ServiceError::EmailTaken`]; [`ServiceError::Invalid`] for an organisation that is not known;
/// [`ServiceError::TooMany`].
pub async fn register(app: &App, registration: Registration, from: Option<IpAddr>) -> Result<User, ServiceError> {
    let Registration { username, email, password, organization_id, organization_name, accept_cookie, accept_retrain } = registration;
    app.auth
        .organizations
        .check(organization_id.as_deref(), organization_name.as_deref())
        .map_err(|rule| lectern_domain::Invalid::new("organization_id", rule))?;
    app.count_try(Action::Register, from, None).await?;
    let hashed_password = app.auth.hashing.hash(&app.bridge, password).await?;
    let user = NewUser {
        username,
        email: email.into_string(),
        hashed_password,
        is_confirmed: None,
        is_admin: false,
        accept_cookie,
        accept_retrain,
        organization_id,
        organization_name,
    };
    let letters = vec![Letter::Welcome { email: user.email.clone() }, Letter::NewUser { email: user.email.clone() }];
    let (mail, queued) = (app.mail.clone(), letters.clone());
    let made = app.bridge.write(move |tx| {
        let made = insert(tx, &user)?;
        mail.queue(tx, &queued)?;
        Ok::<_, ServiceError>(made)
    });
    let made = made.await?;
    app.post(letters).await;
    Ok(made)
}

/// Inserts an account unless its name or its address is taken, whoever else inserts at the same time.
pub(super) fn insert(tx: &mut Tx<'_>, user: &NewUser) -> Result<User, ServiceError> {
    if users::find_by_username(tx.conn(), &user.username)?.is_some() {
        return Err(ServiceError::UsernameTaken);
    }
    match users::insert(tx.conn(), user) {
        Err(error) if error.is_unique_violation_of("ix_users_username") => Err(ServiceError::UsernameTaken),
        Err(error) if error.is_unique_violation_of("ix_users_email_key") => Err(ServiceError::EmailTaken),
        inserted => inserted.map_err(|error: DbError| error.into()),
    }
}
