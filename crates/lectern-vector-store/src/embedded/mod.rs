//! Search inside the process: tantivy for words, usearch for vectors, both in one folder, both followers of SQL.
//!
//! ```text
//! <folder>/<installation>/lock             held by the one process that follows the log and writes
//!                         follower         the id under which this folder follows
//!                         g<generation>/lexical/
//!                         g<generation>/vectors
//! ```
//!
//! Losing any of it costs a rebuild from SQL and nothing else, so whatever can't be read counts as empty. The embedded engines are
//! for up to about two million chunks.

mod files;
mod folder;
mod lexical;
mod shared;
mod vectors;

pub use folder::{EmbeddedFolder, Role};

/// The analyser of a language, for those who want to compare with tantivy alone.
pub fn language_analyser(language: lectern_domain::language::Language) -> impl tantivy::tokenizer::Tokenizer {
    lexical::Analyser::new(language)
}

/// How much the embedded engines may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Bytes that the indexing threads of one generation may fill before they write a segment; at least 30,000,000. At most two
    /// generations are written to at once.
    pub indexing_memory: usize,
    /// Searches of one generation's vectors that run at once; more wait. From 1.
    pub search_threads: usize,
    /// Generations with fewer vectors than this, and filters that leave fewer, are searched exactly instead of through the graph.
    pub exact_below: usize,
    /// Vectors that change before a commit writes a snapshot; in a large index a tenth of it has to change.
    pub snapshot_after: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self { indexing_memory: 32_000_000, search_threads: 64, exact_below: 2_000, snapshot_after: 5_000 }
    }
}
