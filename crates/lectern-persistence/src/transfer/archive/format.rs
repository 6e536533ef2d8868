//! What `header.json` and `manifest.json` say.

use crate::transfer::shape::Table;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the field `format` says.
pub(crate) const FORMAT: &str = "lectern-backup";

/// The version that is written, and the highest one that is read.
pub(crate) const VERSION: u64 = 1;

/// What `without` says where the vectors were left out.
pub(crate) const WITHOUT_VECTORS: &str = "vectors";

/// What an archive is, and what it was taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Always `lectern-backup`.
    pub format: String,
    /// The version of the format.
    pub version: u64,
    /// The version of the program that wrote it.
    pub application: String,
    /// `postgres` or `sqlite`.
    pub backend: String,
    /// The version of the server or the library.
    pub backend_version: String,
    /// When its snapshot was taken.
    pub created_at: DateTime<Utc>,
    /// The migrations that were applied, in order.
    pub migrations: Vec<MigrationOf>,
    /// What was left out: `vectors`, or nothing.
    pub without: Vec<String>,
    /// The embedding models that there are vectors of.
    pub models: Vec<Model>,
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationOf {
    /// Its version, digits only.
    pub version: String,
    /// The name of its folder.
    pub name: String,
    /// The SHA-256 of its script for the archive's backend.
    pub sha256: String,
}

/// An embedding model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its revision.
    pub revision: String,
    /// How many numbers its vectors have.
    pub dimensions: i32,
}

/// What is known of a table before its rows are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHead {
    /// The table.
    #[serde(flatten)]
    pub table: Table,
    /// How many rows there are.
    pub rows: u64,
    /// The next number of the column that counts by itself, where there is one: no number is given twice.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<i64>,
}

/// The first entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What it is.
    #[serde(flatten)]
    pub about: About,
    /// The tables, in the order in which they follow.
    pub tables: Vec<TableHead>,
}

impl Header {
    /// Those of the tables that have rows.
    pub(crate) fn with_rows(&self, mut tables: Vec<String>) -> Vec<String> {
        tables.retain(|name| self.tables.iter().any(|head| head.table.name == *name && head.rows > 0));
        tables
    }
}

/// A part of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name in the archive.
    pub file: String,
    /// How many rows it has, a line each.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
}

/// A table and its rows, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// What the header said.
    #[serde(flatten)]
    pub head: TableHead,
    /// The SHA-256 of all its lines in the one spelling.
    pub sha256: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// The last entry of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it is, as the header has it.
    #[serde(flatten)]
    pub about: About,
    /// The tables, in their order.
    pub tables: Vec<TableSum>,
}
