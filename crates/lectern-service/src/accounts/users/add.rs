//! An account that may sign in at once.

use crate::{ServiceError, accounts::register::insert, app::App};
use lectern_domain::{
    email::EmailAddress,
    password::Password,
    user::{NewUser, User},
};

/// The account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name to sign in with.
    pub username: String,
    /// The address.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
    /// Whether it administers the installation.
    pub is_admin: bool,
}

/// Makes a confirmed account.
///
/// # Errors
/// [`ServiceError::UsernameTaken`], then [`ServiceError::EmailTaken`].
pub async fn add(app: &App, account: NewAccount) -> Result<User, ServiceError> {
    let hashed_password = app.auth.hashing.hash(&app.bridge, account.password).await?;
    let user = NewUser {
        username: account.username,
        email: account.email.into_string(),
        hashed_password,
        is_confirmed: Some(true),
        is_admin: account.is_admin,
        accept_cookie: false,
        accept_retrain: false,
        organization_id: None,
        organization_name: None,
    };
    app.bridge.write(move |tx| insert(tx, &user)).await
}
