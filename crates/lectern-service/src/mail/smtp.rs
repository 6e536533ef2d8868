//! Mails through an SMTP server.

use super::Mail;
use crate::{ServiceError, data_file, error::with_causes, jobs::JobError};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
        response::{Category, Severity},
    },
};
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// The largest file of authorities, in bytes: several times what systems trust.
const MAX_BYTES: u64 = 4 << 20;

/// What is around a certificate (RFC 7468).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

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
    /// A file of authorities, as PEM, that the server's certificate may come from besides those that the system trusts.
    pub authorities: Option<PathBuf>,
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
    /// The password, and what goes over the wire of it: a server may repeat that, and nobody else does.
    secrets: Vec<String>,
}

impl SmtpServer {
    /// Nothing is connected yet. The server is told the domain of the sender's address as this client's name. Reads the file of authorities.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where that file holds something else, and where TLS cannot be set up.
    pub(super) fn new(options: SmtpOptions, sender: &Mailbox) -> Result<Self, ServiceError> {
        let authorities = options.authorities.as_deref().map(authorities).transpose()?.unwrap_or_default();
        let parameters = || {
            let builder = TlsParameters::builder(options.host.clone());
            let builder = authorities.iter().cloned().fold(builder, |builder, authority| builder.add_root_certificate(authority));
            builder.build_native().map_err(|error| ServiceError::internal("setting up TLS", error))
        };
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
        let mut secrets = Vec::new();
        if let Some((user, password)) = options.credentials {
            secrets.extend([BASE64_STANDARD.encode(format!("\0{user}\0{password}")), BASE64_STANDARD.encode(&password), password.clone()]);
            secrets.retain(|secret| !secret.is_empty());
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: transport.build(), secrets })
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
            let said = self.secrets.iter().fold(with_causes(&error), |said, secret| said.replace(secret, "[redacted]"));
            let text = format!("the mail server: {said}");
            if never { JobError::GiveUp(text) } else { JobError::Again(text) }
        })
    }
}

/// The certificates of a file, which holds at least one.
fn authorities(path: &Path) -> Result<Vec<Certificate>, ServiceError> {
    let wrong = |why: String| data_file::wrong(path, why);
    let text = data_file::read(path, MAX_BYTES)?;
    let blocks = text.split_inclusive(END).filter_map(|part| part.find(BEGIN).map(|at| &part[at..]));
    let certificate = |(index, block): (usize, &str)| {
        Certificate::from_pem(block.as_bytes())
            .map_err(|error| wrong(format!("certificate {} cannot be read: {}", index + 1, with_causes(&error))))
    };
    let certificates = blocks.enumerate().map(certificate).collect::<Result<Vec<_>, _>>()?;
    match certificates.is_empty() {
        true => Err(wrong("there is no certificate in it, as PEM".to_owned())),
        false => Ok(certificates),
    }
}
