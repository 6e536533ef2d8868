//! The address of a database.

use crate::secret::REDACTED;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// What a database's address looks like, for error messages.
pub(crate) const EXPECTED: &str =
    "a database URL: sqlite:///absolute/path, sqlite://relative/path, sqlite::memory:, or postgres://user@host/name";

/// The address of a SQLite or PostgreSQL database. `Debug`, `Display` and serialisation leave out the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes `sqlite:…`, `postgres://…` and `postgresql://…`; the driver of a Python URL (`+asyncpg`, `+psycopg`, `+psycopg2`) is dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(':')?;
        let (base, driver) = scheme.split_once('+').map_or((scheme, None), |(base, driver)| (base, Some(driver)));
        let base = base.to_ascii_lowercase();
        let known = match (base.as_str(), driver) {
            ("sqlite", None) => rest == ":memory:" || rest.strip_prefix("//").is_some_and(|path| !path.trim_end_matches('/').is_empty()),
            ("postgres" | "postgresql", None | Some("asyncpg" | "psycopg" | "psycopg2")) => rest.starts_with("//"),
            _ => false,
        };
        known.then(|| Self(format!("{base}:{rest}")))
    }

    /// A SQLite file.
    pub fn sqlite(path: &str) -> Self {
        Self(format!("sqlite://{path}"))
    }

    /// A SQLite database of one process alone, which is gone with it.
    pub fn memory() -> Self {
        Self("sqlite::memory:".to_owned())
    }

    /// The whole address, password included: for opening a connection, never for showing.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is a SQLite database.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }

    /// The address with `***` in the place of every password.
    pub fn redacted(&self) -> String {
        if self.is_sqlite() {
            return self.0.clone();
        }
        let (rest, query) = self.0.split_once('?').map_or((self.0.as_str(), None), |(rest, query)| (rest, Some(query)));
        let (scheme, rest) = rest.split_once("//").unwrap_or(("", rest));
        // The last @ ends the password, which may hold others where it was not encoded.
        let rest = match rest.rsplit_once('@') {
            Some((credentials, host)) => {
                let user = credentials.split_once(':').map(|(user, _)| format!("{user}:{REDACTED}"));
                format!("{}@{host}", user.as_deref().unwrap_or(credentials))
            }
            None => rest.to_owned(),
        };
        let query = query.map(|query| format!("?{}", query.split('&').map(redact_parameter).collect::<Vec<_>>().join("&")));
        format!("{scheme}//{rest}{}", query.unwrap_or_default())
    }
}

/// Only libpq's parameters that cannot hold a secret are shown as they are.
fn redact_parameter(parameter: &str) -> String {
    const SHOWN: [&str; 12] = [
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "application_name",
        "connect_timeout",
        "options",
    ];
    match parameter.split_once('=') {
        Some((name, _)) if !SHOWN.contains(&name) => format!("{name}={REDACTED}"),
        _ => parameter.to_owned(),
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).ok_or_else(|| D::Error::custom(EXPECTED))
    }
}

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3), for a part of a URL.
pub(crate) fn encode(part: &str) -> String {
    part.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shows(url: &str, expect: &str) {
        assert_eq!(DatabaseUrl::parse(url).expect("a database URL").redacted(), expect);
    }

    #[test]
    fn passwords_are_left_out() {
        shows("postgres://me:hunter2@db:5432/x", "postgres://me:***@db:5432/x");
        shows("postgresql+asyncpg://me:hunter2@db/x", "postgresql://me:***@db/x");
        shows("postgres://me:hun@ter:2@db/x", "postgres://me:***@db/x");
        shows("postgres://me@db/x?sslmode=require&password=hunter2", "postgres://me@db/x?sslmode=require&password=***");
        shows("postgres:///x", "postgres:///x");
        shows("POSTGRES://me:hunter2@db/x", "postgres://me:***@db/x");
        shows("sqlite::memory:", "sqlite::memory:");
        shows("sqlite:////srv/a.sqlite3", "sqlite:////srv/a.sqlite3");
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in [
            "",
            "mysql://a/b",
            "postgres",
            "postgres:x",
            "sqlite:",
            "sqlite:a.sqlite3",
            "sqlite://",
            "postgres+mysql://a/b",
            "/srv/a.sqlite3",
        ] {
            assert!(DatabaseUrl::parse(url).is_none(), "{url}");
        }
    }

    #[test]
    fn parts_are_encoded() {
        assert_eq!(encode("p@ss/w:é"), "p%40ss%2Fw%3A%C3%A9");
    }
}
