//! Mails through an SMTP server.

use super::Mail;
use crate::{ServiceError, error::with_causes, jobs::JobError};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
        response::{Category, Severity},
    },
};
use std::{fmt, time::Duration};

/// How the connection to an SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// TLS from the first byte.
    Tls,
    /// Plain at first, then TLS, without which nothing is sent.
    #[default]
    StartTls,
    /// Not at all: for a server of the same machine.
    None,
}

/// An SMTP server. `Debug` does not show the password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpOptions {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Who signs in there, and the password; nobody where it asks for none.
    pub credentials: Option<(String, String)>,
    /// How long one step of the conversation may take.
    pub timeout: Duration,
}

impl fmt::Debug for SmtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpOptions").field("host", &self.host).field("port", &self.port).field("tls", &self.tls).finish_non_exhaustive()
    }
}

/// The way to the server. Every mail has a connection of its own.
pub(crate) struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpServer {
    /// Nothing is connected yet. The server is told the domain of the sender's address as this client's name.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub(super) fn new(options: SmtpOptions, sender: &Mailbox) -> Result<Self, ServiceError> {
        let parameters = || TlsParameters::new(options.host.clone()).map_err(|error| ServiceError::internal("setting up TLS", error));
        let tls = match options.tls {
            SmtpTls::Tls => Tls::Wrapper(parameters()?),
            SmtpTls::StartTls => Tls::Required(parameters()?),
            SmtpTls::None => Tls::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&options.host)
            .port(options.port)
            .tls(tls)
            .timeout(Some(options.timeout))
            .hello_name(ClientId::Domain(sender.email.domain().to_owned()));
        if let Some((user, password)) = options.credentials {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: transport.build() })
    }

    /// Sends a mail. A recipient that the server will never take is not tried again; everything else is.
    pub(super) async fn send(&self, sender: &Mailbox, mail: Mail) -> Result<(), JobError> {
        let to: Address = mail.to.parse().map_err(|error| JobError::GiveUp(format!("the recipient is no address: {error}")))?;
        // A subject is one line, whatever its template was given.
        let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let message = Message::builder()
            .from(sender.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", uuid::Uuid::new_v4().simple(), sender.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|error| JobError::GiveUp(format!("the mail cannot be written: {error}")))?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            // 55x: about the recipient or the message (RFC 5321, 4.2.3). A wrong password (53x) can be put right.
            let never = error
                .status()
                .is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem);
            let text = format!("the mail server: {}", with_causes(&error));
            if never { JobError::GiveUp(text) } else { JobError::Again(text) }
        })
    }
}
