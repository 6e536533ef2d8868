//! An administrator lets somebody in, or does not.

use crate::{ServiceError, app::App, mail::Letter};
use lectern_domain::{email::EmailAddress, user::User};
use lectern_persistence::{DbError, repo::users};

/// The accounts that wait for a decision, oldest first.
///
/// # Errors
/// Failures of the database.
pub async fn pending(app: &App) -> Result<Vec<User>, ServiceError> {
    Ok(app.bridge.read::<_, DbError>(users::pending).await?)
}

/// Decides about an account that waits, and tells its owner where it is let in.
///
/// # Errors
/// [`ServiceError::UserNotFound`]; [`ServiceError::AlreadyDecided`], whoever else decides at the same time.
pub async fn confirm(app: &App, email: EmailAddress, is_confirmed: bool) -> Result<(), ServiceError> {
    let mail = app.mail.clone();
    let letters = app.bridge.write(move |tx| {
        let user = users::find_by_email(tx.conn(), &email.key())?.ok_or(ServiceError::UserNotFound)?;
        if !users::decide(tx.conn(), user.id, is_confirmed)? {
            return Err(ServiceError::AlreadyDecided);
        }
        let letters = if is_confirmed { vec![Letter::Confirmed { email: user.email }] } else { Vec::new() };
        mail.queue(tx, &letters)?;
        Ok(letters)
    });
    app.post(letters.await?).await;
    Ok(())
}
