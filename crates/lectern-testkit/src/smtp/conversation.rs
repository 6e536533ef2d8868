//! One connection: SMTP (RFC 5321) as far as a client that sends a mail speaks it, `STARTTLS` (RFC 3207) and `AUTH PLAIN` (RFC 4616).

use super::{Login, Protection, Rules};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use std::io;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// The longest line, and the longest mail, in bytes.
const MOST: u64 = 1 << 20;

/// What happened on a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// The client's lines that went unencrypted.
    pub in_clear: Vec<String>,
    /// The client's lines under TLS, without those of mails.
    pub encrypted: Vec<String>,
    /// Why there is no TLS, where it was begun.
    pub tls_failed: Option<String>,
    /// Whether the user was let in.
    pub signed_in: bool,
    /// The mails that were taken, each with the lines of its envelope before its text.
    pub mails: Vec<String>,
}

/// How a part of a connection ended.
enum Ended {
    /// The client has left.
    Left,
    /// The client begins TLS.
    StartTls,
}

/// Talks until the client leaves.
pub(super) async fn hold(socket: TcpStream, rules: &Rules) -> Conversation {
    let mut told = Conversation::default();
    let socket = match rules.protection {
        Protection::Tls => socket,
        Protection::StartTls | Protection::None => {
            let mut plain = BufReader::new(socket);
            match Session::new(&mut plain, rules, false, &mut told).greet_and_talk().await {
                Ok(Ended::StartTls) => plain.into_inner(),
                // A client that is gone has no more to say.
                Ok(Ended::Left) | Err(_) => return told,
            }
        }
    };
    match rules.acceptor.accept(socket).await {
        Ok(secured) => {
            let mut secured = BufReader::new(secured);
            let mut session = Session::new(&mut secured, rules, true, &mut told);
            // The same: what was said until then is told.
            let _ = match rules.protection {
                Protection::Tls => session.greet_and_talk().await,
                Protection::StartTls | Protection::None => session.talk().await,
            };
        }
        Err(error) => told.tls_failed = Some(error.to_string()),
    }
    told
}

/// A part of a connection that is encrypted or is not.
struct Session<'a, S> {
    socket: &'a mut BufReader<S>,
    rules: &'a Rules,
    encrypted: bool,
    told: &'a mut Conversation,
    envelope: String,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    fn new(socket: &'a mut BufReader<S>, rules: &'a Rules, encrypted: bool, told: &'a mut Conversation) -> Self {
        Self { socket, rules, encrypted, told, envelope: String::new() }
    }

    async fn greet_and_talk(&mut self) -> io::Result<Ended> {
        self.say("220 ready").await?;
        self.talk().await
    }

    async fn talk(&mut self) -> io::Result<Ended> {
        while let Some(line) = self.line().await? {
            let said = if self.encrypted { &mut self.told.encrypted } else { &mut self.told.in_clear };
            said.push(line.clone());
            let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" if self.encrypted => self.say("250-here\r\n250 AUTH PLAIN").await?,
                "EHLO" if self.rules.protection == Protection::StartTls => self.say("250-here\r\n250 STARTTLS").await?,
                "EHLO" => self.say("250 here").await?,
                "STARTTLS" if !self.encrypted && self.rules.protection == Protection::StartTls => {
                    self.say("220 go ahead").await?;
                    return Ok(Ended::StartTls);
                }
                "QUIT" => {
                    self.say("221 bye").await?;
                    return Ok(Ended::Left);
                }
                _ if !self.encrypted && self.rules.protection != Protection::None => self.say("530 begin TLS first").await?,
                "AUTH" => self.sign_in(&line).await?,
                "MAIL" | "RCPT" | "DATA" if !self.told.signed_in => self.say("530 sign in first").await?,
                "MAIL" | "RCPT" => {
                    self.envelope.push_str(&line);
                    self.envelope.push('\n');
                    self.say("250 ok").await?;
                }
                "DATA" => self.take().await?,
                _ => self.say("250 ok").await?,
            }
        }
        Ok(Ended::Left)
    }

    async fn sign_in(&mut self, line: &str) -> io::Result<()> {
        let Login { user, password } = &self.rules.login;
        let expected = format!("AUTH PLAIN {}", BASE64_STANDARD.encode(format!("\0{user}\0{password}")));
        self.told.signed_in = line == expected;
        // As unkind as a server can be.
        let refusal = format!("535 5.7.8 the credentials are wrong: {line}");
        self.say(if self.told.signed_in { "235 welcome" } else { &refusal }).await
    }

    /// Takes a mail's text, to the line that is a dot.
    async fn take(&mut self) -> io::Result<()> {
        self.say("354 go on").await?;
        let mut mail = std::mem::take(&mut self.envelope);
        while let Some(line) = self.line().await? {
            if line == "." {
                self.told.mails.push(mail);
                return self.say("250 taken").await;
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.push('\n');
        }
        Ok(())
    }

    async fn say(&mut self, lines: &str) -> io::Result<()> {
        self.socket.write_all(format!("{lines}\r\n").as_bytes()).await?;
        self.socket.flush().await
    }

    /// The next line without its end; none where the client has left.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = (&mut *self.socket).take(MOST).read_line(&mut line).await?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}
