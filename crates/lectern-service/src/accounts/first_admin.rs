//! The first administrator of an installation.

use super::{register::insert, secret::write_private};
use crate::{ServiceError, app::App};
use lectern_domain::{email::EmailAddress, password::Password, user::NewUser};
use lectern_persistence::repo::users;
use rand::Rng as _;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The name of the file in the data folder that a random password is written to.
pub const FIRST_ADMIN_FILE: &str = "first-admin";

/// Who the first administrator is.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// The name to sign in with.
    pub username: String,
    /// The address.
    pub email: EmailAddress,
    /// The password; a random one is made where there is none.
    pub password: Option<Password>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstAdminOutcome {
    /// There is an account with that address, or, without a password, any administrator.
    AlreadyThere,
    /// The account was made with the password given.
    Created,
    /// The account was made, and its password is in this file.
    CreatedWithPasswordIn(PathBuf),
}

/// Makes the first administrator unless there is one: with a password from settings, unless an account has that address; without
/// one, unless there is any administrator. A random password goes to a file in the data folder that its owner alone may read.
///
/// # Errors
/// [`ServiceError::UsernameTaken`] where that name belongs to another address, and failures of the database or the file.
pub async fn first_admin(app: &App, who: FirstAdmin, data_folder: &Path) -> Result<FirstAdminOutcome, ServiceError> {
    let (key, given) = (who.email.key(), who.password.is_some());
    if is_there(app, &key, given).await? {
        return Ok(FirstAdminOutcome::AlreadyThere);
    }
    let (password, file) = match who.password {
        Some(password) => (password, None),
        None => (random_password()?, Some(data_folder.join(FIRST_ADMIN_FILE))),
    };
    let hashed_password = app.auth.hashing.hash(&app.bridge, password.clone()).await?;
    let user = NewUser {
        username: who.username,
        email: who.email.into_string(),
        hashed_password,
        is_confirmed: Some(true),
        is_admin: true,
        accept_cookie: false,
        accept_retrain: false,
        organization_id: None,
        organization_name: None,
    };
    let written = file.clone();
    let made = app.bridge.write(move |tx| {
        insert(tx, &user)?;
        // Before the commit: an account without its password would be of no use, a password without its account does no harm.
        if let Some(path) = &written {
            write_password(path, &user, &password)
                .map_err(|error| ServiceError::internal("writing the first administrator's file", error))?;
        }
        Ok(())
    });
    match (made.await, file) {
        // Another process may have been faster.
        (Err(ServiceError::EmailTaken | ServiceError::UsernameTaken), _) if is_there(app, &key, given).await? => {
            Ok(FirstAdminOutcome::AlreadyThere)
        }
        (Err(error), _) => Err(error),
        (Ok(()), None) => Ok(FirstAdminOutcome::Created),
        (Ok(()), Some(path)) => Ok(FirstAdminOutcome::CreatedWithPasswordIn(path)),
    }
}

/// Whether an account has that address or, where no password is given for it, there is any administrator.
async fn is_there(app: &App, email_key: &str, given: bool) -> Result<bool, ServiceError> {
    let email_key = email_key.to_owned();
    let look = move |c: &mut _| Ok(users::find_by_email(c, &email_key)?.is_some() || (!given && users::any_admin(c)?));
    app.bridge.read::<_, ServiceError>(look).await
}

/// A password of 24 random characters: 142 bits.
///
/// # Errors
/// None in practice: what is made here has the form of a password.
pub fn random_password() -> Result<Password, ServiceError> {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.:=+@";
    let mut bytes = [0; 24];
    rand::rng().fill_bytes(&mut bytes);
    // 64 characters: every value of a byte meets each of them equally often.
    let text: String = bytes.iter().map(|&byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()])).collect();
    Password::try_from(text).map_err(ServiceError::from)
}

fn write_password(path: &Path, user: &NewUser, password: &Password) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let content = format!("username: {}\nemail: {}\npassword: {}\n", user.username, user.email, password.reveal());
    write_private(path, content.as_bytes())
}
