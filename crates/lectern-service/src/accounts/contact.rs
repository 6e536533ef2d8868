//! A user writes to who looks after the installation.

use super::Caller;
use crate::{ServiceError, app::App, limits::Action, mail::Letter};
use std::net::IpAddr;

/// What a user writes.
#[derive(Debug, Clone)]
pub struct ContactForm {
    /// What it is about.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The user's institution, where one is given.
    pub institution: Option<String>,
}

/// Sends what the caller writes, with the caller's name and address.
///
/// # Errors
/// [`ServiceError::TooMany`], and failures of the database.
pub async fn contact(app: &App, caller: &Caller, form: ContactForm, from: Option<IpAddr>) -> Result<(), ServiceError> {
    app.count_try(Action::Contact, from, Some(&caller.user.id.to_string())).await?;
    let ContactForm { subject, text, institution } = form;
    let (username, email) = (caller.user.username.clone(), caller.user.email.clone());
    let letters = vec![Letter::Contact { username, email, subject, text, institution }];
    let (mail, queued) = (app.mail.clone(), letters.clone());
    app.bridge.write(move |tx| mail.queue(tx, &queued)).await?;
    app.post(letters).await;
    Ok(())
}
