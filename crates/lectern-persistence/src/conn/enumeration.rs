//! The enum over both backends, and what Diesel derives for it.
#![expect(missing_docs, reason = "Diesel derives public types without documentation")]

#[cfg(feature = "postgres")]
use diesel::pg::PgConnection;
#[cfg(feature = "sqlite")]
use diesel::sqlite::SqliteConnection;

/// A connection to whichever backend the URL names.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    #[cfg(feature = "postgres")]
    Pg(PgConnection),
    /// SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
}

impl Conn {
    /// Which backend is behind this connection.
    pub fn backend(&self) -> super::Backend {
        match self {
            #[cfg(feature = "postgres")]
            Self::Pg(_) => super::Backend::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => super::Backend::Sqlite,
        }
    }
}
