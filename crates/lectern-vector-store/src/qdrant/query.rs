//! From questions and filters to the store's queries.

use crate::fact;
use lectern_domain::filter::Filter;
use serde_json::{Value, json};

/// A filter, with the meaning that [`Filter::matches`] gives it.
pub(super) fn condition(filter: &Filter) -> Value {
    let all = |parts: &[Filter]| parts.iter().map(condition).collect::<Vec<_>>();
    match filter {
        Filter::All(parts) => json!({ "must": all(parts) }),
        // To the store, no alternatives are no condition.
        Filter::Any(parts) if parts.is_empty() => json!({ "must": [{ "has_id": [] }] }),
        Filter::Any(parts) => json!({ "should": all(parts) }),
        Filter::Not(part) => json!({ "must_not": [condition(part)] }),
        Filter::In(field, values) => {
            let facts: Vec<String> = values.iter().map(|value| fact(field, value)).collect();
            json!({ "must": [{ "key": "facts", "match": { "any": facts } }] })
        }
    }
}
