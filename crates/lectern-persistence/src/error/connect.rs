//! Why no connection could be made, in one line, with what to do about it.

use crate::conn::DatabaseUrl;
use std::fmt;

/// A connection that could not be made. One line; a password is never in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectError {
    /// The URL, redacted.
    url: String,
    /// What the client library said, on one line.
    cause: String,
    /// What to do.
    advice: &'static str,
}

impl ConnectError {
    pub(crate) fn new(url: &DatabaseUrl, cause: &str) -> Self {
        let cause = url.without_secrets(&cause.split_whitespace().collect::<Vec<_>>().join(" "));
        Self { url: url.to_string(), advice: advice(&cause), cause }
    }

    /// What the client library said.
    pub fn cause(&self) -> &str {
        &self.cause
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to {}: {}: {}", self.url, self.cause, self.advice)
    }
}

impl std::error::Error for ConnectError {}

/// The client libraries tell their causes in words only; a server that speaks another language gets the general advice.
fn advice(cause: &str) -> &'static str {
    const KNOWN: &[(&str, &str)] = &[
        ("authentication failed", "check the user and the password in the database URL"),
        ("no password supplied", "put the password into the database URL"),
        ("could not translate host name", "check the host in the database URL"),
        ("Connection refused", "check the port, and that PostgreSQL is running there"),
        ("timeout expired", "check that the host answers and that no firewall is between"),
        ("certificate", "check sslmode and sslrootcert in the database URL"),
        ("SSL", "check sslmode in the database URL, and whether the server has TLS"),
        ("too many clients", "use fewer connections, or raise the server's max_connections"),
        ("database \"", "check the database's name; the user must be allowed to create it where it does not exist"),
        ("role \"", "check the user in the database URL"),
        ("not a database", "the file is something else: choose another path"),
        ("unable to open", "check that the path is right and that its folder can be written"),
        ("feature", "use a build that has this backend"),
    ];
    KNOWN
        .iter()
        .find(|(word, _)| cause.contains(word))
        .map_or("check the database URL and that the server is running", |(_, advice)| advice)
}
