//! The change log: what happened to which document, in the order of commits.

use crate::ids::{CollectionId, DocumentId, EntryId, ModelId, VersionId};

/// What an entry of the change log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A version of a document, with its chunks, is there.
    Put,
    /// A version of a document is gone (deleted, or replaced by the `Put` after it).
    Delete,
    /// The vectors of a version's chunks are there, for one model.
    Embedded(ModelId),
}

impl ChangeKind {
    /// The word that stands for it in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Delete => "delete",
            Self::Embedded(_) => "embedded",
        }
    }
}

/// An entry to be written. It carries ids and counts, never content: a follower reads today's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What happened.
    pub kind: ChangeKind,
    /// In which collection.
    pub collection: CollectionId,
    /// To which document.
    pub document: DocumentId,
    /// To which of its versions.
    pub version: VersionId,
    /// The fingerprint of the chunking of the chunks that it speaks of.
    pub chunking: String,
    /// How many chunks: their ids follow from version, chunking and ordinal.
    pub chunks: u32,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it stands, and its random id.
    pub cursor: Cursor,
    /// What it tells.
    pub change: NewChange,
}

/// A place in the log: a number, and the random id of the entry that stood there. A cursor whose entry is not in the log comes
/// from another history, and its holder rebuilds from the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The entry's number; the order of numbers is the order of commits.
    pub seq: i64,
    /// The entry's id.
    pub entry: EntryId,
}
