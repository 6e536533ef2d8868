//! A new password for somebody who has forgotten the old one: a link by mail, good once and for a while.

use crate::{ServiceError, app::App, limits::Action, mail::Letter};
use chrono::{DateTime, Utc};
use lectern_domain::{
    digest::Digest,
    email::{EmailAddress, email_key},
    password::Password,
    user::User,
};
use lectern_persistence::{
    DbError,
    repo::{reset_tokens, users},
};
use std::net::IpAddr;
use uuid::Uuid;

/// How long tokens are kept that are over: who comes with one is told that it is.
const KEPT: chrono::Duration = chrono::Duration::days(7);

/// Sends a link to whoever has an account with that address. The answer does not tell whether anybody has; where mails leave through a
/// server, neither does the time that it takes, since accounts are looked up when the mail is written.
///
/// # Errors
/// [`ServiceError::TooMany`], and failures of the database.
pub async fn send_link(app: &App, email: EmailAddress, from: Option<IpAddr>) -> Result<(), ServiceError> {
    app.count_try(Action::Reset, from, Some(&email.key())).await?;
    let letters = vec![Letter::Reset { email: email.into_string() }];
    let app_letters = letters.clone();
    let mail = app.mail.clone();
    app.bridge.write(move |tx| mail.queue(tx, &app_letters)).await?;
    app.post(letters).await;
    Ok(())
}

/// Makes a token for the account with that address, in the place of earlier ones: 122 random bits, of which the SHA-256 is stored. None
/// where there is no such account.
pub(crate) async fn make_token(app: &App, email: &str) -> Result<Option<(User, String)>, ServiceError> {
    let (key, token) = (email_key(email), Uuid::new_v4().simple().to_string());
    let (digest, now) = (Digest::of(&token), Utc::now());
    let over = before(now, app).checked_sub_signed(KEPT).unwrap_or_default();
    let user = app.bridge.write::<_, DbError>(move |tx| {
        reset_tokens::delete_before(tx.conn(), over)?;
        let user = users::find_by_email(tx.conn(), &key)?;
        if let Some(user) = &user {
            reset_tokens::replace(tx.conn(), user.id, digest, now)?;
        }
        Ok(user)
    });
    Ok(user.await?.map(|user| (user, token)))
}

/// Sets a new password: the token is used up, and every session of the account ends.
///
/// # Errors
/// [`ServiceError::TooMany`], [`ServiceError::InvalidResetToken`], [`ServiceError::ExpiredResetToken`],
/// [`ServiceError::UserNotConfirmed`].
pub async fn reset(app: &App, token: &str, password: Password, from: Option<IpAddr>) -> Result<(), ServiceError> {
    app.count_try(Action::Reset, from, None).await?;
    let digest = Digest::of(token);
    // Looked at first: a token that is not good costs no hash.
    let found = app.bridge.read::<_, DbError>(move |c| {
        let Some((id, made)) = reset_tokens::find(c, digest)? else { return Ok(None) };
        Ok(Some((users::find(c, id)?, made)))
    });
    let (user, made) = found.await?.ok_or(ServiceError::InvalidResetToken)?;
    if made < before(Utc::now(), app) {
        return Err(ServiceError::ExpiredResetToken);
    }
    let user = user.ok_or(ServiceError::ResetUserGone)?;
    if user.is_confirmed != Some(true) {
        return Err(ServiceError::UserNotConfirmed);
    }
    let hashed = app.auth.hashing.hash(&app.bridge, password).await?;
    app.bridge
        .write(move |tx| {
            if !reset_tokens::take(tx.conn(), digest)? {
                return Err(ServiceError::InvalidResetToken);
            }
            users::set_password(tx.conn(), user.id, &hashed)?;
            Ok(reset_tokens::delete_of(tx.conn(), user.id)?)
        })
        .await
}

/// Tokens that were made earlier are over.
fn before(now: DateTime<Utc>, app: &App) -> DateTime<Utc> {
    chrono::Duration::from_std(app.auth.reset_ttl).ok().and_then(|ttl| now.checked_sub_signed(ttl)).unwrap_or_default()
}
