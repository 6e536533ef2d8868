//! Entries and filters of an index as the tables have them.

use lectern_domain::filter::Filter;
use lectern_persistence::vector_index::{Condition, VectorRow};
use lectern_vector_store::{VectorEntry, fact};

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

/// A filter as SQL is told of it.
pub(super) fn condition(filter: &Filter) -> Condition {
    let all = |parts: &[Filter]| parts.iter().map(condition).collect();
    match filter {
        Filter::All(parts) => Condition::All(all(parts)),
        Filter::Any(parts) => Condition::Any(all(parts)),
        Filter::Not(part) => Condition::Not(Box::new(condition(part))),
        Filter::In(field, values) => Condition::Has(values.iter().map(|value| fact(field, value)).collect()),
    }
}
