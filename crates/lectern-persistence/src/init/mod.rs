//! Preparing a server: the database, its extensions, and the role that the application uses. Everything may be done again.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod role;

use crate::{conn::DatabaseUrl, error::DbError};
use std::fmt;

/// What a database is to have.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// PostgreSQL's extensions, those that the server has.
    pub extensions: Vec<String>,
    /// Who is to use the database, besides the one who prepares it.
    pub role: Option<NewRole>,
}

/// A role, which is made where it is not there.
#[derive(Clone)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// Its password from now on; without one, it keeps its own, or has none.
    pub password: Option<String>,
}

impl fmt::Debug for NewRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRole").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What became of something that is to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was made.
    Made,
    /// It was there.
    There,
    /// The server does not have it to be made.
    Unavailable,
}

impl Outcome {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::There => "there",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What was prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Where, without its password.
    pub url: String,
    /// The database.
    pub database: Outcome,
    /// The extensions, in the order in which they were named.
    pub extensions: Vec<(String, Outcome)>,
    /// The role, where one is wanted.
    pub role: Option<(String, Outcome)>,
}

/// Prepares a database. Nothing is made in it: that is for migrations.
///
/// # Errors
/// [`DbError::NotAllowed`] with the statement that somebody else must run; [`DbError::Unreachable`]; [`DbError::NoRoles`] where a role is wanted on
/// SQLite.
pub fn init(url: &DatabaseUrl, wanted: &Wanted) -> Result<Prepared, DbError> {
    #[cfg(feature = "postgres")]
    if url.backend() == crate::Backend::Postgres {
        return postgres::init(url, wanted);
    }
    file(url, wanted)
}

/// SQLite: a file, and nothing else.
fn file(url: &DatabaseUrl, wanted: &Wanted) -> Result<Prepared, DbError> {
    if wanted.role.is_some() {
        return Err(DbError::NoRoles);
    }
    let there = url.path().is_some_and(std::path::Path::exists);
    // Opening makes it.
    crate::Database::open(url, &crate::DatabaseOptions { connections: 1, ..crate::DatabaseOptions::default() })?;
    let database = if there { Outcome::There } else { Outcome::Made };
    Ok(Prepared { url: url.to_string(), database, extensions: Vec::new(), role: None })
}
