//! What a schema consists of, as a database tells it itself: to compare databases with each other, and with what the migrations make.
//!
//! A table is a set of facts: its columns, keys, constraints, indexes, triggers and (on PostgreSQL) the sequences behind its columns. A fact
//! has a kind, a name and a definition in one spelling, whatever way it was written in; the order of columns is none. The tables that record
//! migrations are left out.

mod compare;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod text;

pub use compare::Difference;
pub use text::ChangesError;

use crate::{conn::Conn, error::DbError};
use std::collections::BTreeMap;

/// The tables that record migrations: they come before the first one.
const RECORDS: [&str; 2] = ["__diesel_schema_migrations", "__lectern_schema_migrations"];

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A column: type, storage and collation where they are not the type's own, nullability, default.
    Column,
    /// The primary key.
    PrimaryKey,
    /// A constraint that values are unique.
    Unique,
    /// A reference to another table.
    ForeignKey,
    /// A condition on values.
    Check,
    /// PostgreSQL: a condition on pairs of rows.
    Exclude,
    /// An index that is no constraint.
    Index,
    /// The same, over unique values.
    UniqueIndex,
    /// PostgreSQL: where a column takes its numbers.
    Sequence,
    /// What happens at writes.
    Trigger,
    /// SQLite: `strict`, `without rowid`.
    Option,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Column,
        Self::PrimaryKey,
        Self::Unique,
        Self::ForeignKey,
        Self::Check,
        Self::Exclude,
        Self::Index,
        Self::UniqueIndex,
        Self::Sequence,
        Self::Trigger,
        Self::Option,
    ];

    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::PrimaryKey => "primary key",
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::Exclude => "exclude",
            Self::Index => "index",
            Self::UniqueIndex => "unique index",
            Self::Sequence => "sequence",
            Self::Trigger => "trigger",
            Self::Option => "option",
        }
    }
}

/// A fact's kind and name: unique within its table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fact {
    /// What it is about.
    pub kind: Kind,
    /// Its name, without quotes. A constraint that has none is named by its definition, which begins with a parenthesis.
    pub name: String,
}

/// A table: the definition of each fact.
pub type Facts = BTreeMap<Fact, String>;

/// The tables of a schema, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    tables: BTreeMap<String, Facts>,
}

impl Catalogue {
    /// Reads the schema of a database: on PostgreSQL the one in which tables are made. Nothing is written.
    ///
    /// # Errors
    /// [`DbError`] where the database fails.
    pub fn read(conn: &mut Conn) -> Result<Self, DbError> {
        let mut read = match conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(pg) => postgres::read(pg)?,
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(sqlite) => sqlite::read(sqlite)?,
        };
        read.tables.retain(|name, _| !RECORDS.contains(&name.as_str()));
        Ok(read)
    }

    /// The tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &Facts)> {
        self.tables.iter().map(|(name, facts)| (name.as_str(), facts))
    }

    /// A table.
    pub fn table(&self, name: &str) -> Option<&Facts> {
        self.tables.get(name)
    }

    /// Adds a fact; one without a name is named by its definition.
    fn add(&mut self, table: &str, kind: Kind, name: Option<String>, definition: String) {
        let (name, definition) = match name {
            Some(name) => (name, definition),
            None => (definition, String::new()),
        };
        self.tables.entry(table.to_owned()).or_default().insert(Fact { kind, name }, definition);
    }
}
