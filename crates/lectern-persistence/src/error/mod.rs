//! What can go wrong with a database.

mod connect;
pub(crate) mod constraints;

pub use connect::ConnectError;

use crate::catalogue::{ChangesError, Difference};
use crate::conn::UrlError;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A failure of the database or of its use. Absence is none: look-ups answer with `Option`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The URL is not one of a database.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No connection could be made.
    #[error(transparent)]
    Unreachable(#[from] Box<ConnectError>),
    /// Every connection was in use for as long as the caller was willing to wait.
    #[error("no database connection became free within {} ms", waited.as_millis())]
    PoolTimeout {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The queue of writes is full: nothing was done, try again later.
    #[error("too many writes are waiting for the database: try again later")]
    Overloaded,
    /// `lectern db freeze` froze the database. Nothing was written.
    #[error("the database takes no writes: it is frozen, which `lectern db thaw` ends, or its server is a standby")]
    Frozen,
    /// Writes that began before a freeze have not ended: it did not come about.
    #[error("writes that began before are still under way after {} s: try again later", waited.as_secs())]
    StillWriting {
        /// How long they were waited for.
        waited: Duration,
    },
    /// The role of the URL may not do what is to be done.
    #[error("{place}: {cause}: let somebody who may do so run there: {statement}")]
    NotAllowed {
        /// The database, without its password.
        place: String,
        /// What is to be run, without secrets.
        statement: String,
        /// What the server said.
        cause: String,
    },
    /// SQLite has no roles.
    #[error("SQLite has no roles: who may read and write the file may use the database")]
    NoRoles,
    /// The process is ending.
    #[error("the database is closed: this process is ending")]
    Closed,
    /// SQLite: another process held the lock for longer than the busy timeout. Nothing was written.
    #[error("the SQLite database is locked by another process: try again, or end that process")]
    Busy,
    /// A row with these values exists.
    #[error("the unique constraint {constraint} is violated")]
    UniqueViolation {
        /// The name of the constraint or the unique index, the same on both backends.
        constraint: String,
    },
    /// A row that is referred to does not exist, or one that is to go is still referred to.
    #[error("a foreign key{} is violated", named(constraint))]
    ForeignKeyViolation {
        /// The name of the constraint; SQLite does not tell it.
        constraint: Option<String>,
    },
    /// A value is outside what its column allows.
    #[error("the check {constraint} is violated")]
    CheckViolation {
        /// The name of the constraint, the same on both backends.
        constraint: String,
    },
    /// Anything else that Diesel reports.
    #[error("the database refused: {0}")]
    Diesel(#[source] DieselError),
    /// A stored value is not what its column promises.
    #[error("the database holds an invalid value: {0}")]
    Data(String),
    /// The transaction that many writes shared could not be committed, so that none of them is written.
    #[error("the transaction could not be committed, nothing was written: {0}")]
    GroupFailed(#[source] Arc<DbError>),
    /// The closure panicked; what it wrote is rolled back.
    #[error("a write panicked and was rolled back: {0}")]
    Panicked(String),
    /// A file or folder of the database could not be made or read.
    #[error("{}: {source}: check that its folder is there and can be written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A migration failed; what it did is rolled back.
    #[error("the migration {name} failed: {source}")]
    Migration {
        /// The migration's name.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process is migrating, for longer than the caller was willing to wait.
    #[error("another process is migrating the database: waited {} s for it, try again later", waited.as_secs())]
    MigrationLock {
        /// How long the caller waited.
        waited: Duration,
    },
    /// Others use tables that nobody else may use, for longer than the caller was willing to wait.
    #[error("others use the tables: waited {} s for them; stop the programs that use the database, then try again", waited.as_secs())]
    InUse {
        /// How long the caller waited.
        waited: Duration,
    },
    /// The database has the tables of an Albert API.
    #[error("this is the database of an Albert API: take it over with `lectern db adopt`")]
    NotAdopted,
    /// The database has migrations that this build does not know.
    #[error(
        "the database is newer than this program, which does not know its migrations {}: use a newer version, or take the database back with \
         `lectern db downgrade head --yes`",
        versions.join(", ")
    )]
    Ahead {
        /// The unknown migrations.
        versions: Vec<String>,
    },
    /// Later migrations are applied than some that are not.
    #[error(
        "{} came after later migrations were applied: give it a later version with `lectern db rebase`, or apply it with \
         `lectern db upgrade --out-of-order`",
        names.join(", ")
    )]
    Gap {
        /// The migrations that are not applied.
        names: Vec<String>,
    },
    /// What was applied is another script now.
    #[error(
        "{} was edited after it was applied: put the script back, or take the edited one for what was applied with `lectern db repair`",
        names.join(", ")
    )]
    Edited {
        /// The migrations whose scripts differ.
        names: Vec<String>,
    },
    /// A migration that runs outside a transaction did not come to its end.
    #[error(
        "{name} stopped half-way, and what it did until then is there: look at its script (`lectern db show`), undo what it did, then run \
         `lectern db repair`"
    )]
    HalfApplied {
        /// The migration.
        name: String,
    },
    /// A migration has no script that reverts it.
    #[error("{name} cannot be reverted: it has no down script")]
    Irreversible {
        /// The migration.
        name: String,
    },
    /// The schema is not that of the revision.
    #[error("the database is not at {revision}: {}", listed(differences))]
    Mismatch {
        /// The revision, by the name of its migration.
        revision: String,
        /// How it differs.
        differences: Vec<Difference>,
    },
    /// Nobody wrote down what a migration does to the catalogue.
    #[error("{name} has no catalogue.txt: nothing can be compared with it")]
    NoCatalogue {
        /// The migration.
        name: String,
    },
    /// What is written down of a migration does not fit the migrations before it.
    #[error("the catalogue.txt of {name} does not fit the migrations before it: {source}: write it anew with `lectern db check --write`")]
    Catalogue {
        /// The migration.
        name: String,
        /// Why.
        source: ChangesError,
    },
    /// No migration was written.
    #[error(transparent)]
    Author(#[from] crate::migrate::author::AuthorError),
    /// A revision names no place among the migrations.
    #[error(transparent)]
    Revision(#[from] crate::migrate::RevisionError),
}

fn named(constraint: &Option<String>) -> String {
    constraint.as_ref().map(|name| format!(" ({name})")).unwrap_or_default()
}

/// The first differences, on one line.
fn listed(differences: &[Difference]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = differences.iter().take(SHOWN).map(Difference::to_string).collect();
    let more = differences.len().saturating_sub(SHOWN);
    if more == 0 { shown.join("; ") } else { format!("{}; and {more} more", shown.join("; ")) }
}

impl DbError {
    /// The value of `place` (a table, a column) is not what it promises.
    pub fn corrupt<E: std::fmt::Display>(place: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Data(format!("{place}: {error}"))
    }

    /// Whether the database can't be used now, but may be later: it can't be reached, broke the connection, or did not answer in time.
    pub fn is_outage(&self) -> bool {
        use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        match self {
            Self::Unreachable(_) | Self::PoolTimeout { .. } | Self::Closed | Self::Overloaded | Self::Busy => true,
            Self::Diesel(DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _) | DieselError::BrokenTransactionManager) => {
                true
            }
            // PostgreSQL tells by words alone what Diesel has no kind for: a statement that took too long, a server that ends or begins.
            Self::Diesel(DieselError::DatabaseError(DatabaseErrorKind::Unknown, info)) => {
                ["statement timeout", "terminating connection", "the database system is"].iter().any(|words| info.message().contains(words))
            }
            _ => false,
        }
    }

    /// Whether this is the violation of the unique constraint or index of that name.
    pub fn is_unique_violation_of(&self, name: &str) -> bool {
        matches!(self, Self::UniqueViolation { constraint } if constraint == name)
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, info) = &error else { return Self::Diesel(error) };
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::UniqueViolation { constraint: unique(info.as_ref()) },
            DatabaseErrorKind::ForeignKeyViolation => Self::ForeignKeyViolation { constraint: info.constraint_name().map(str::to_owned) },
            DatabaseErrorKind::CheckViolation => Self::CheckViolation { constraint: constraint_or_tail(info.as_ref()) },
            DatabaseErrorKind::ReadOnlyTransaction => Self::Frozen,
            // SQLite's words: Diesel has no kind for it. PostgreSQL never says just this.
            DatabaseErrorKind::Unknown if info.message().starts_with("database is locked") => Self::Busy,
            _ => Self::Diesel(error),
        }
    }
}

/// SQLite reports `UNIQUE constraint failed: table.column, table.column`, PostgreSQL the name.
fn unique(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    constraints::unique_name(&constraint_or_tail(info)).to_owned()
}

fn constraint_or_tail(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    let message = info.message();
    match (info.constraint_name(), message.split_once(" constraint failed: ")) {
        (Some(name), _) => name.to_owned(),
        (None, Some((_, tail))) => tail.to_owned(),
        (None, None) => message.to_owned(),
    }
}
