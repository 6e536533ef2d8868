//! The settings of reading and cutting documents.

use lectern_domain::{Invalid, collection::Chunking};
use serde::{Deserialize, Serialize};

/// How documents are read and cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorpusSettings {
    /// The longest line of a `.jsonl` file, in bytes; a longer one is reported and left out.
    pub max_line_bytes: usize,
    /// The largest `.md` or `.txt` file, in bytes.
    pub max_file_bytes: usize,
    /// The largest `.html` file, in bytes. Its tree takes many times its size in memory.
    pub max_html_bytes: usize,
    /// The most characters of a chunk, 100 to 20,000. Pinned by a collection when it is made.
    pub chunk_chars: u32,
    /// How many characters a chunk may repeat of the one before it, less than half of `chunk_chars`. Pinned by a collection when it is made.
    pub chunk_overlap: u32,
}

impl Default for CorpusSettings {
    fn default() -> Self {
        Self { max_line_bytes: 64 << 20, max_file_bytes: 256 << 20, max_html_bytes: 32 << 20, chunk_chars: 1200, chunk_overlap: 0 }
    }
}

impl CorpusSettings {
    /// The chunking of a collection that is made now.
    ///
    /// # Errors
    /// [`Invalid`] where a size is outside its bounds.
    pub fn chunking(&self) -> Result<Chunking, Invalid> {
        Chunking::new(self.chunk_chars, self.chunk_overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(CorpusSettings::default().chunking().unwrap().fingerprint(), "c1200o0");
    }
}
