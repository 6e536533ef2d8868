//! How mails leave.

use super::{
    Letter, MailTexts, TextLanguage,
    compose::compose,
    folder::MailFolder,
    smtp::{SmtpOptions, SmtpServer},
};
use crate::{
    ServiceError,
    app::App,
    jobs::{self, Work},
};
use lectern_domain::Invalid;
use lectern_persistence::Tx;
use lettre::message::Mailbox;
use std::{path::PathBuf, sync::Arc};

/// How mails are written and how they leave.
#[derive(Debug, Clone)]
pub struct MailOptions {
    /// How they leave.
    pub delivery: DeliveryOptions,
    /// The sender's address.
    pub from: String,
    /// The address of who looks after the installation.
    pub contact: String,
    /// The address of the pages that people use, without a slash at its end.
    pub front_url: String,
    /// In which language Lectern's own texts are.
    pub language: TextLanguage,
    /// A folder of texts that replace them.
    pub texts: Option<PathBuf>,
}

/// How mails leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOptions {
    /// They don't.
    Nowhere,
    /// As files of a folder.
    Folder(PathBuf),
    /// Through an SMTP server.
    Smtp(SmtpOptions),
}

impl Default for MailOptions {
    /// Nothing leaves.
    fn default() -> Self {
        Self {
            delivery: DeliveryOptions::Nowhere,
            from: "lectern@example.com".to_owned(),
            contact: "contact@example.com".to_owned(),
            front_url: "http://localhost:8080".to_owned(),
            language: TextLanguage::default(),
            texts: None,
        }
    }
}

/// How mails leave, made ready.
pub(super) enum Delivery {
    /// They don't.
    Nowhere,
    /// As files of a folder.
    Folder(Arc<MailFolder>),
    /// Through an SMTP server.
    Smtp(Box<SmtpServer>),
}

/// Writes and sends mails: made once at start.
pub struct Mailer {
    delivery: Delivery,
    sender: Mailbox,
    contact: String,
    front_url: String,
    texts: MailTexts,
}

impl Mailer {
    /// Reads the texts and makes ready what mails leave by. Connects to nothing.
    ///
    /// # Errors
    /// Where the sender is no address, a text is wrong, or a folder cannot be read.
    pub fn new(options: MailOptions) -> Result<Self, ServiceError> {
        let sender: Mailbox = options.from.parse().map_err(|error| Invalid::new("mail.from", format!("{error}")))?;
        let texts = MailTexts::built_in(options.language)?;
        let texts = match &options.texts {
            Some(folder) => texts.replaced_by(folder)?,
            None => texts,
        };
        let delivery = match options.delivery {
            DeliveryOptions::Nowhere => Delivery::Nowhere,
            DeliveryOptions::Smtp(server) => Delivery::Smtp(Box::new(SmtpServer::new(server, &sender)?)),
            DeliveryOptions::Folder(path) => Delivery::Folder(Arc::new(MailFolder::new(path))),
        };
        Ok(Self { delivery, sender, contact: options.contact, front_url: options.front_url, texts })
    }

    pub(super) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub(super) fn sender(&self) -> &Mailbox {
        &self.sender
    }

    pub(super) fn contact(&self) -> &str {
        &self.contact
    }

    pub(super) fn front_url(&self) -> &str {
        &self.front_url
    }

    pub(super) fn texts(&self) -> &MailTexts {
        &self.texts
    }

    /// Adds letters to the transaction that they tell of, where they leave through a server. [`App::post`] does the rest after the commit.
    pub(crate) fn queue(&self, tx: &mut Tx<'_>, letters: &[Letter]) -> Result<(), ServiceError> {
        if matches!(self.delivery, Delivery::Smtp(_)) {
            for letter in letters {
                jobs::enqueue(tx, &Work::SendMail(letter.clone()))?;
            }
        }
        Ok(())
    }
}

impl App {
    /// Sees to letters whose transaction, with [`Mailer::queue`] in it, is committed: the server's jobs are due now, and files of a folder
    /// are written before this returns. What goes wrong is logged, and nobody's request fails.
    pub(crate) async fn post(&self, letters: Vec<Letter>) {
        match &self.mail.delivery {
            Delivery::Smtp(_) => self.jobs.wake(),
            Delivery::Nowhere => tracing::warn!("a mail was not sent: set mail.smtp_host or mail.folder"),
            Delivery::Folder(folder) => {
                for letter in letters {
                    if let Err(error) = self.file(folder, letter).await {
                        tracing::error!(error = &error as &dyn std::error::Error, "a mail could not be written to its folder");
                    }
                }
            }
        }
    }

    /// Deletes the mails of the folder, where they go to one: for a server that begins a run of tests.
    ///
    /// # Errors
    /// Where they cannot be deleted.
    pub async fn forget_mails(&self) -> Result<(), ServiceError> {
        let Delivery::Folder(folder) = &self.mail.delivery else { return Ok(()) };
        let folder = folder.clone();
        let emptied = self.bridge.compute(move || folder.empty()).await?;
        emptied.map_err(|error| ServiceError::internal("emptying the folder of mails", error))
    }

    async fn file(&self, folder: &Arc<MailFolder>, letter: Letter) -> Result<(), ServiceError> {
        let Some(mail) = compose(self, letter).await? else { return Ok(()) };
        let (folder, from) = (folder.clone(), self.mail.sender.email.to_string());
        let written = self.bridge.compute(move || folder.write(&from, &mail)).await?;
        written.map_err(|error| ServiceError::internal("writing a mail", error))
    }
}
