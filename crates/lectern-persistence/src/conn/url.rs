//! The URL of a database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Which database is behind a URL or a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Backend {
    /// Its name in paths and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a database is. `Display` and `Debug` show it without its password.
///
/// Forms: `sqlite:///absolute/path`, `sqlite:////absolute/path`, `sqlite://relative/path`, `sqlite::memory:` (a private file, gone
/// with the last handle), `postgres://…` and `postgresql://…`, where the drivers `+asyncpg`, `+psycopg` and `+psycopg2` are dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// What libpq gets: `postgresql://…`.
    Postgres(String),
    File(PathBuf),
    Memory,
}

/// A text that is not the URL of a database. The text itself may hold a password and is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no database URL: use sqlite:///path/to/file.db or postgresql://user:password@host:5432/database")]
pub struct UrlError;

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if matches!(text, "sqlite::memory:" | "sqlite://:memory:" | "sqlite:///:memory:") {
            return Ok(Self(Form::Memory));
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError)?;
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => {
                let path = rest.trim_start_matches('/');
                if path.is_empty() || path.contains('\0') || path.ends_with('/') {
                    return Err(UrlError);
                }
                Ok(Self(Form::File(if rest.starts_with('/') { Path::new("/").join(path) } else { PathBuf::from(path) })))
            }
            "postgres"
            | "postgresql"
            | "postgresql+asyncpg"
            | "postgresql+psycopg"
            | "postgresql+psycopg2"
            | "postgres+asyncpg"
            | "postgres+psycopg"
            | "postgres+psycopg2" => match rest.contains('\0') {
                true => Err(UrlError),
                false => Ok(Self(Form::Postgres(format!("postgresql://{rest}")))),
            },
            _ => Err(UrlError),
        }
    }
}

impl DatabaseUrl {
    /// The SQLite database in that file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Form::File(path.into()))
    }

    /// A private SQLite database, gone with its last handle.
    pub fn memory() -> Self {
        Self(Form::Memory)
    }

    /// Which backend it names.
    pub fn backend(&self) -> Backend {
        match self.0 {
            Form::Postgres(_) => Backend::Postgres,
            Form::File(_) | Form::Memory => Backend::Sqlite,
        }
    }

    /// The SQLite file, where it is one with a name.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Form::File(path) => Some(path),
            Form::Postgres(_) | Form::Memory => None,
        }
    }

    /// Whether it is a private SQLite database, gone with its last handle.
    pub fn is_memory(&self) -> bool {
        self.0 == Form::Memory
    }

    /// The PostgreSQL database's name as written, percent-encoded.
    pub fn database_name(&self) -> Option<&str> {
        let Form::Postgres(url) = &self.0 else { return None };
        let (_, name, _) = split(url);
        (!name.is_empty()).then_some(name)
    }

    /// The same server and user, another PostgreSQL database, whose name needs no percent-encoding. SQLite URLs stay as they are.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let Form::Postgres(url) = &self.0 else { return self.clone() };
        let (authority, _, query) = split(url);
        Self(Form::Postgres(format!("postgresql://{authority}/{name}{query}")))
    }

    /// The whole URL with its password, for the client library or a child process. Never for a log.
    pub fn expose(&self) -> String {
        match &self.0 {
            Form::Postgres(url) => url.clone(),
            Form::File(path) => format!("sqlite://{}", path.display()),
            Form::Memory => "sqlite::memory:".to_owned(),
        }
    }

    /// The passwords in the URL, as written and decoded.
    fn secrets(&self) -> Vec<String> {
        let Form::Postgres(url) = &self.0 else { return Vec::new() };
        let (authority, _, query) = split(url);
        let of_user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
        let of_query = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let of_query = of_query.filter(|(key, _)| matches!(*key, "password" | "sslpassword")).map(|(_, password)| password);
        let mut all: Vec<String> = of_user.into_iter().chain(of_query).flat_map(|raw| [raw.to_owned(), percent_decode(raw)]).collect();
        all.retain(|secret| !secret.is_empty());
        all
    }

    /// The PostgreSQL URL without its passwords, and the user's, as written.
    pub(super) fn without_password(&self) -> (String, Option<String>) {
        let whole = self.expose();
        let (authority, name, query) = split(&whole);
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let (user, mut password) = match user.map(|user| user.split_once(':').unwrap_or((user, ""))) {
            Some((user, password)) => (format!("{user}@"), Some(password).filter(|password| !password.is_empty()).map(str::to_owned)),
            None => (String::new(), None),
        };
        let mut kept = Vec::new();
        for pair in query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("password", value)) => password = Some(value.to_owned()),
                Some(("sslpassword", _)) => {}
                _ => kept.push(pair),
            }
        }
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        (format!("postgresql://{user}{host}/{name}{query}"), password)
    }

    /// `text` with every password of the URL replaced.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        self.secrets().iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

/// Authority, database and query (with its `?`) of a PostgreSQL URL.
fn split(url: &str) -> (&str, &str, &str) {
    let rest = url.strip_prefix("postgresql://").unwrap_or(url);
    // A password may hold a slash or a question mark that nobody encoded: what follows the last @ decides.
    let host = rest.rfind('@').map_or(0, |at| at + 1);
    let end = rest[host..].find(['/', '?']).map_or(rest.len(), |at| host + at);
    let (authority, tail) = rest.split_at(end);
    let (name, query) = tail.split_at(tail.find('?').unwrap_or(tail.len()));
    (authority, name.strip_prefix('/').unwrap_or(name), query)
}

/// The text behind percent signs; what is no valid encoding stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Form::Postgres(url) = &self.0 else { return f.write_str(&self.expose()) };
        let (authority, name, query) = split(url);
        let authority = match authority.rsplit_once('@') {
            Some((user, host)) => match user.split_once(':') {
                Some((user, _)) => format!("{user}:***@{host}"),
                None => authority.to_owned(),
            },
            None => authority.to_owned(),
        };
        let query: Vec<String> = query
            .trim_start_matches('?')
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| match pair.split_once('=') {
                Some((key @ ("password" | "sslpassword"), _)) => format!("{key}=***"),
                _ => pair.to_owned(),
            })
            .collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        write!(f, "postgresql://{authority}/{name}{query}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
