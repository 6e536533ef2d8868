//! What documents may be like, and how they are cut.

use lectern_corpus::CorpusSettings;
use lectern_domain::{Invalid, collection::Chunking};

/// The sizes that a load is held to.
#[derive(Debug, Clone, Default)]
pub struct LoadLimits {
    pub(crate) reading: CorpusSettings,
    pub(crate) chunking: Chunking,
}

impl LoadLimits {
    /// The largest document and the longest line, in bytes; the longest chunk and what chunks share, in characters.
    ///
    /// # Errors
    /// Where the sizes of chunks are out of bounds or contradict each other.
    pub fn new(document_bytes: u64, line_bytes: u64, chunk_chars: u32, chunk_overlap: u32) -> Result<Self, Invalid> {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let defaults = CorpusSettings::default();
        let reading = CorpusSettings {
            max_line_bytes: size(line_bytes),
            max_html_bytes: defaults.max_html_bytes.min(size(document_bytes)),
            max_file_bytes: size(document_bytes),
            chunk_chars,
            chunk_overlap,
        };
        Ok(Self { reading, chunking: Chunking::new(chunk_chars, chunk_overlap)? })
    }

    /// How new collections cut their texts.
    pub fn chunking(&self) -> Chunking {
        self.chunking
    }
}
