//! Entries of an index as the tables have them.

use lectern_persistence::vector_index::VectorRow;
use lectern_vector_store::VectorEntry;

/// A row of a table.
pub(super) fn row(entry: VectorEntry) -> VectorRow {
    VectorRow {
        chunk: entry.chunk,
        document: entry.document.id,
        facts: entry.document.facts(),
        digest: entry.digest(),
        vector: entry.vector,
    }
}
