//! Entries and filters of an index as the tables have them.

use lectern_domain::filter::Filter;
use lectern_persistence::vector_index::{Condition, VectorRow};
use lectern_vector_store::{self as words, VectorEntry};

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
    of_words(words::Condition::of(filter))
}

fn of_words(condition: words::Condition) -> Condition {
    let all = |parts: Vec<words::Condition>| parts.into_iter().map(of_words).collect();
    match condition {
        words::Condition::All(parts) => Condition::All(all(parts)),
        words::Condition::Any(parts) => Condition::Any(all(parts)),
        words::Condition::Not(part) => Condition::Not(Box::new(of_words(*part))),
        words::Condition::Has(facts) => Condition::Has(facts),
        words::Condition::Within(ranges) => Condition::Within(ranges),
    }
}
