//! Chunks: the passages that documents are cut into, and that search finds.

use crate::{
    digest::Digest,
    ids::{ChunkId, VersionId},
};
use uuid::Uuid;

/// A passage as the chunker makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The headings above it, outermost first, joined by ` > `; empty where there are none.
    pub heading: String,
    /// Its text, never blank.
    pub text: String,
}

/// A passage of a version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its id, see [`chunk_id`].
    pub id: ChunkId,
    /// The version that it belongs to.
    pub version: VersionId,
    /// Its place in the version, from 0.
    pub ordinal: u32,
    /// The headings above it.
    pub heading: String,
    /// Its text.
    pub text: String,
}

impl Chunk {
    /// The digest of what the chunk says: heading and text.
    pub fn hash(&self) -> Digest {
        Digest::of_parts([self.heading.as_bytes(), self.text.as_bytes()])
    }
}

/// The id of a chunk: UUIDv5(version, fingerprint of the chunking and ordinal).
pub fn chunk_id(version: VersionId, chunking: &str, ordinal: u32) -> ChunkId {
    ChunkId(Uuid::new_v5(&version.0, format!("{chunking}/{ordinal}").as_bytes()))
}

/// The text that is handed to an embedding model for a chunk: title, headings and text, each on a line, empty ones left out.
pub fn embedding_text(title: &str, heading: &str, text: &str) -> String {
    [title, heading, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}
