//! Mail: what is written to people, how it reads, and how it leaves.
//!
//! A letter says what happened, of which the texts make a mail. Mails leave through an SMTP server, as jobs, so that a server that is
//! down costs a request nothing and loses no mail; or they are files of a folder, written before the request is answered, which is what
//! installations without a server and tests use. No mail fails a request.
//!
//! A job that waits holds no link for a new password: the link is made when the mail is, and again for every attempt, so that it is in
//! the mail alone. Whether an address has an account is found out then too, so that a request does the same for every address.

mod compose;
mod folder;
mod letter;
mod mailer;
mod smtp;
mod texts;

pub use letter::Letter;
pub use mailer::{DeliveryOptions, MailOptions, Mailer};
pub use smtp::{SmtpOptions, SmtpTls};
pub use texts::{MailTexts, TextLanguage};

pub(crate) use letter::deliver;

/// A mail, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
}
