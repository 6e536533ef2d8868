//! From filters to the store's conditions.

use super::order::numbers;
use lectern_domain::facts::Condition;
use serde_json::{Value, json};

/// What the store is asked for: everything that satisfies the condition, and more where [`is_exact`] says no.
pub(super) fn condition(condition: &Condition) -> Value {
    over_words(condition, true)
}

/// Whether the store's answer needs no second look.
pub(super) fn is_exact(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(is_exact),
        Condition::Not(part) => is_exact(part),
        Condition::Has(_) => true,
        Condition::Within(_) => false,
    }
}

/// Whether a document with these words satisfies the condition.
pub(super) fn holds(condition: &Condition, words: &[String]) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, words)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, words)),
        Condition::Not(part) => !holds(part, words),
        Condition::Has(any) => any.iter().any(|word| words.contains(word)),
        Condition::Within(any) => any.iter().any(|range| words.iter().any(|word| range.contains(word))),
    }
}

/// A condition for at least what the words satisfy, or, under a negation, for at most that.
fn over_words(condition: &Condition, at_least: bool) -> Value {
    // To the store, no alternatives are no condition.
    let nothing = || json!({ "must": [{ "has_id": [] }] });
    let all = |parts: &[Condition]| parts.iter().map(|part| over_words(part, at_least)).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) => json!({ "must": all(parts) }),
        Condition::Any(parts) if parts.is_empty() => nothing(),
        Condition::Any(parts) => json!({ "should": all(parts) }),
        Condition::Not(part) => json!({ "must_not": [over_words(part, !at_least)] }),
        Condition::Has(words) => json!({ "must": [{ "key": "facts", "match": { "any": words } }] }),
        Condition::Within(ranges) => {
            let range = |(from, to): (i64, i64)| json!({ "key": "order", "range": { "gte": from, "lte": to } });
            let ranges: Vec<Value> = ranges.iter().filter(|_| at_least).filter_map(numbers).map(range).collect();
            if ranges.is_empty() { nothing() } else { json!({ "should": ranges }) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_domain::filter::{Field, Filter};

    #[test]
    fn a_range_under_a_negation_leaves_out_nothing_too_much() {
        let begins = Filter::Prefix(Field::Source, "a".to_owned());
        let of = |filter: Filter| condition(&Condition::of(&filter));
        let ranges = of(begins.clone());
        assert_eq!(ranges["should"].as_array().map(Vec::len), Some(2));
        let nothing = json!({ "must": [{ "has_id": [] }] });
        assert_eq!(of(Filter::Not(Box::new(begins.clone()))), json!({ "must_not": [nothing] }));
        let twice = Filter::Not(Box::new(Filter::Not(Box::new(begins))));
        assert_eq!(of(twice), json!({ "must_not": [{ "must_not": [ranges] }] }));
    }
}
