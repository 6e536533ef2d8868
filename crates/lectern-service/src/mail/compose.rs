//! From a letter to a mail.

use super::{Letter, Mail};
use crate::{ServiceError, accounts::password_reset, app::App};
use minijinja::context;

/// Writes the mail; none where there is nobody to write to. A link for a new password is made here, and ends those before it.
pub(super) async fn compose(app: &App, letter: Letter) -> Result<Option<Mail>, ServiceError> {
    let (texts, contact, front_url) = (app.mail.texts(), app.mail.contact(), app.mail.front_url());
    let (name, to, values) = match letter {
        Letter::Welcome { email } => ("welcome", email.clone(), context! { email, front_url }),
        Letter::NewUser { email } => ("new_user", contact.to_owned(), context! { email, front_url }),
        Letter::Confirmed { email } => ("confirmed", email.clone(), context! { email, front_url }),
        Letter::Reset { email } => {
            let Some((user, token)) = password_reset::make_token(app, &email).await? else { return Ok(None) };
            ("reset", user.email.clone(), context! { email => user.email, username => user.username, front_url, token })
        }
        Letter::Contact { username, email, subject, text, institution } => {
            ("contact", contact.to_owned(), context! { username, email, subject, text, institution, front_url })
        }
    };
    let (subject, text) = texts.render(name, &values)?;
    Ok(Some(Mail { to, subject, text }))
}
