//! What is written to people.

use super::mailer::Delivery;
use crate::{
    app::App,
    jobs::{JobError, Policy},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Something that somebody is told by mail; the payload of a job where mails leave through a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Letter {
    /// To a new user: the account is waiting for an administrator.
    Welcome {
        /// The user's address.
        email: String,
    },
    /// To who looks after the installation: there is a new user.
    NewUser {
        /// The user's address.
        email: String,
    },
    /// To a user: the account was confirmed.
    Confirmed {
        /// The user's address.
        email: String,
    },
    /// To whoever has an account with this address, if anybody does: a link for a new password.
    Reset {
        /// The address, as it was typed.
        email: String,
    },
    /// To who looks after the installation: what a user wrote.
    Contact {
        /// The user's name.
        username: String,
        /// The user's address.
        email: String,
        /// What it is about.
        subject: String,
        /// What the user wrote.
        text: String,
        /// The user's institution, where one was given.
        institution: Option<String>,
    },
}

impl Letter {
    /// Twelve attempts over about two and a half hours.
    pub(crate) const POLICY: Policy = Policy {
        attempts: 12,
        first_wait: Duration::from_secs(5),
        longest_wait: Duration::from_secs(3600),
        timeout: Duration::from_secs(300),
    };
}

/// Sends a letter through the server: the job.
pub(crate) async fn deliver(app: &App, letter: Letter) -> Result<(), JobError> {
    let Delivery::Smtp(server) = app.mail.delivery() else {
        return Err(JobError::GiveUp("mails don't leave through a server any more".to_owned()));
    };
    match super::compose::compose(app, letter).await? {
        Some(mail) => server.send(app.mail.sender(), mail).await,
        None => Ok(()),
    }
}
