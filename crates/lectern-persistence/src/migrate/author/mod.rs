//! For who writes migrations: new ones, with what differs between the database and the Diesel schema, and later times for what landed late.

mod compare;
mod declared;
mod folder;
mod retime;
mod tidy;

pub use compare::{Compared, Target, compare};
pub use folder::create;
pub use retime::{Retimed, retime};

use crate::conn::Backend;

/// Both backends, each with the folder of its name.
const BACKENDS: [Backend; 2] = [Backend::Postgres, Backend::Sqlite];

/// The program that compares.
const DIESEL: &str = "diesel";

/// Why no migration was written.
#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    /// There is nothing to name it by.
    #[error("'{0}' has no letter or digit to name a migration by")]
    NoName(String),
    /// Diesel's command line is not installed.
    #[error("the program `{DIESEL}`, which compares schemas, is not installed: `just diesel-cli` does that")]
    NoDiesel,
    /// Diesel's command line failed.
    #[error("`{DIESEL}` could not compare the schemas: {0}")]
    Diesel(String),
    /// The database that is compared lacks migrations, or has others.
    #[error(
        "the scratch database is not at head: {pending} of the migrations are not applied to it, and {unknown} are that are not in the folder"
    )]
    NotAtHead {
        /// How many are not applied.
        pending: usize,
        /// How many it has beyond them.
        unknown: usize,
    },
    /// Something would be lost.
    #[error("what is not in the Diesel schema would be dropped, which needs --allow-destructive: {}", statements.join(" "))]
    Destructive {
        /// The statements.
        statements: Vec<String>,
    },
    /// A migration that is applied keeps its time.
    #[error("{name} is applied, and keeps its time: others may have applied it too")]
    IsApplied {
        /// The migration.
        name: String,
    },
}

impl AuthorError {
    /// Whether it was asked for wrongly.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoName(_))
    }

    /// Whether it was refused.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::NotAtHead { .. } | Self::Destructive { .. } | Self::IsApplied { .. })
    }
}
