//! What a table looks like to whoever carries its rows.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a column holds, on either backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// True or false.
    Boolean,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Bigint,
    /// A floating-point number of 64 bits.
    Double,
    /// A text.
    Text,
    /// A JSON document.
    Json,
    /// A time, in microseconds.
    Timestamp,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytes,
}

impl Kind {
    /// The word for it, as archives have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Text => "text",
            Self::Json => "json",
            Self::Timestamp => "timestamp",
            Self::Uuid => "uuid",
            Self::Bytes => "bytes",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// A table, as an archive describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the table's order.
    pub columns: Vec<Column>,
    /// The columns of its primary key, in the key's order: the order of the rows.
    pub key: Vec<String>,
}

impl Table {
    /// The place of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The places of the key's columns.
    pub(crate) fn key_positions(&self) -> Vec<usize> {
        self.key.iter().filter_map(|name| self.position(name)).collect()
    }

    /// The columns that do not belong to the key.
    pub(crate) fn beside_key(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !self.key.contains(&column.name))
    }

    /// The names of its columns for SQL.
    pub(crate) fn column_list(&self) -> String {
        list(self.columns.iter().map(|column| column.name.as_str()))
    }
}

/// A name in quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names in quotes, with commas between.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// What a database knows of a table beside its rows.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) table: Table,
    /// The columns of each unique constraint or index but the primary key, over plain columns and all rows.
    pub(crate) uniques: Vec<Vec<String>>,
    /// What it refers to.
    pub(crate) references: Vec<Reference>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) columns: Vec<String>,
    pub(crate) parent: String,
    pub(crate) parent_columns: Vec<String>,
    /// Whether every row has it.
    pub(crate) required: bool,
}
