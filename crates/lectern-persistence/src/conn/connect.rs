//! A connection by the scheme of its URL: the derived `establish` would try each backend in turn and hide the cause of a failure.

use super::{Backend, Conn, DatabaseUrl};
use crate::error::ConnectError;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reading; SQLite refuses writes on it.
    Read,
    /// Reading and writing.
    Write,
}

/// Connects to an existing database and sets the session up.
pub(crate) fn connect(url: &DatabaseUrl, purpose: Purpose) -> Result<Conn, Box<ConnectError>> {
    match url.backend() {
        #[cfg(feature = "postgres")]
        Backend::Postgres => super::postgres::connect(url).map(Conn::Pg),
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => super::sqlite::connect(url, purpose).map(Conn::Sqlite),
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        missing => {
            let _ = purpose;
            Err(Box::new(ConnectError::new(url, &format!("this program was built without the feature {missing}"))))
        }
    }
}
