//! What can go wrong when rows travel.

use crate::error::DbError;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use std::io;

/// Why rows could not be taken from a database, out of an archive, or into a database. What was to be written is not there then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The database failed.
    #[error(transparent)]
    Db(DbError),
    /// A connection ended by itself.
    #[error("the connection to the database was lost: {0}: run the command again when the database answers (`lectern db ping`)")]
    Lost(String),
    /// The connection ended by itself in the one moment in which nobody can say what became of the rows.
    #[error(
        "the connection to the database was lost while everything was being committed: {0}: whether it is there is not known: look with `lectern db tables`, \
         and run the command again where it is not"
    )]
    InDoubt(String),
    /// What was read from or written to failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The bytes are none of an archive.
    #[error("this is no archive of `lectern db backup`: {0}")]
    NotAnArchive(String),
    /// The archive ends before its end.
    #[error("the archive is cut off: {0}: fetch it again, or take an older one")]
    Cut(&'static str),
    /// Something in the archive is not what was written.
    #[error("the archive is damaged: {0}: fetch it again, or take an older one (`lectern db backup --verify FILE` checks one)")]
    Damaged(String),
    /// A later version of the format.
    #[error("the archive has version {version} of the format, this program reads up to {known}: use Lectern {application} or newer")]
    NewerFormat {
        /// The archive's.
        version: u64,
        /// What is read.
        known: u64,
        /// What wrote it.
        application: String,
    },
    /// The archive has migrations that this build does not have.
    #[error("the archive has migrations that this program does not know ({}): use Lectern {application} or newer", names.join(", "))]
    NewerSchema {
        /// The migrations.
        names: Vec<String>,
        /// What wrote it.
        application: String,
    },
    /// The archive comes from a database whose migrations are others than this build's.
    #[error("the archive's migrations are others than this program's: {0}")]
    OtherMigrations(String),
    /// The target has rows, and another revision than the archive.
    #[error("the database has rows and is at {at}, the archive is at {archive}: {advice}, or restore into an empty database")]
    NotAtRevision {
        /// The target's revision.
        at: String,
        /// The archive's.
        archive: String,
        /// The commands that get there.
        advice: String,
    },
    /// The target of a copy has rows.
    #[error("the database has rows: copy into an empty one, or bring an earlier copy up to date with --resume")]
    NotEmpty,
    /// The source of a copy is its target.
    #[error(
        "the source and the target are the same database, {id}: name another one; where one of them was made from the other by other means than Lectern's, \
         run `lectern db sequences reset` on it"
    )]
    SameDatabase {
        /// The id of both.
        id: String,
    },
    /// A target that is to be brought up to date has rows that were not copied from the source. Says which.
    #[error("the database has rows, and {0}: --resume would remove them: copy into an empty database")]
    NotACopy(String),
    /// A target that is to be brought up to date is not as the copy left it.
    #[error(
        "the database was written to since it was copied into, {at}: {}: --resume would undo that: copy into an empty database, and leave it alone until \
         it is up to date",
        tables.join(", ")
    )]
    WrittenTo {
        /// When the copy was made.
        at: String,
        /// The tables that are not as it left them.
        tables: Vec<String>,
    },
    /// What would not arrive in the target of a copy.
    #[error("{count} values or rows cannot be copied: {}{}", told.join("; "), if *count > told.len() as u64 { "; …" } else { "" })]
    Preflight {
        /// How many there are.
        count: u64,
        /// The first of them, in words.
        told: Vec<String>,
    },
    /// The tables are not as they should be.
    #[error("{0}")]
    Unfit(String),
    /// A value can't travel.
    #[error("{table}, row {row}: {column}: {why}")]
    Value {
        /// The table.
        table: String,
        /// The row's key.
        row: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        why: String,
    },
    /// A row of the archive meets one of the target.
    #[error("{table}, row {row}: {why}")]
    Conflict {
        /// The table.
        table: String,
        /// The key of the archive's row.
        row: String,
        /// What is in its way.
        why: String,
    },
    /// Keys of the archive are those of other things in the target.
    #[error(
        "{table}: the database has other things under keys of the archive: {}{}: both were numbered independently of each other, so that their rows \
         cannot be told apart by their keys: restore into an empty database",
        told.join("; "),
        if *more { "; …" } else { "" }
    )]
    OtherThings {
        /// The table.
        table: String,
        /// The first of them: the key, and what each side has there.
        told: Vec<String>,
        /// Whether there are others.
        more: bool,
    },
    /// The database does not take rows.
    #[error("the database did not take rows of {table}: {why}")]
    Refused {
        /// The table.
        table: String,
        /// What it said.
        why: String,
    },
    /// Rows refer to others that are not there.
    #[error("{table}, row {row}, refers to a row of {parent} that does not exist")]
    Orphan {
        /// The table.
        table: String,
        /// The row.
        row: String,
        /// What it refers to.
        parent: String,
    },
    /// The rows are there; a migration that runs outside a transaction was to follow them.
    #[error("the rows are restored, and not all migrations applied: {0}: go on with `lectern db upgrade`")]
    Upgrade(DbError),
    /// After everything was written, the target does not hold what it should.
    #[error("the table {table} does not hold what was written into it: {why}")]
    Differs {
        /// The table.
        table: String,
        /// How.
        why: String,
    },
}

impl TransferError {
    /// Makes an error of the operating system one of a transfer.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl From<DbError> for TransferError {
    fn from(error: DbError) -> Self {
        match lost(&error) {
            Some(said) => Self::Lost(said),
            None => Self::Db(error),
        }
    }
}

impl From<DieselError> for TransferError {
    fn from(error: DieselError) -> Self {
        DbError::from(error).into()
    }
}

/// What was said last on a connection that is gone.
fn lost(error: &DbError) -> Option<String> {
    match error {
        DbError::Diesel(DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, info)) => {
            Some(info.message().split_whitespace().collect::<Vec<_>>().join(" "))
        }
        DbError::Diesel(DieselError::BrokenTransactionManager) => Some("its transaction is gone".to_owned()),
        _ => None,
    }
}
