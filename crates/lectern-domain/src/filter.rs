//! Conditions on what a search may find, beyond who is asking.

use serde_json::Value;
use std::{borrow::Cow, cmp::Ordering};

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// The document's `source`.
    Source,
    /// The document's external id, called `sid` in the reference's contract.
    ExternalId,
    /// A metadata field that the collection declares as filterable, see [`crate::fields`].
    Metadata(String),
}

/// The most bytes of a text that a range or a prefix is compared with: indexes that cut long values still compare as if they did not.
pub const COMPARED_BYTES: usize = 256;

/// An end of a range: a number, or a text of at most [`COMPARED_BYTES`] bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The value.
    pub value: Value,
    /// Whether the value itself is in the range.
    pub included: bool,
}

/// A condition. Evaluated by every store in the same way; a field that a document lacks satisfies nothing but `Not`. Numbers are compared as
/// 64-bit floating point, texts by their bytes, and values of two kinds never with each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every one holds; an empty list holds.
    All(Vec<Filter>),
    /// At least one holds; an empty list does not.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The field has one of the values.
    In(Field, Vec<Value>),
    /// The field lies between two ends, of which at least one is there.
    Range(Field, Option<Edge>, Option<Edge>),
    /// The field is a text that begins with this one, of at most [`COMPARED_BYTES`] bytes.
    Prefix(Field, String),
}

impl Filter {
    /// Whether a document with these values passes; `value` gives a field's value, or none where the document lacks it.
    pub fn matches<'a>(&self, value: &impl Fn(&Field) -> Option<Cow<'a, Value>>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(value)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(value)),
            Self::Not(part) => !part.matches(value),
            Self::In(field, values) => value(field).is_some_and(|found| values.iter().any(|value| same(&found, value))),
            Self::Range(field, from, to) => value(field).is_some_and(|found| {
                let within = |edge: &Option<Edge>, inside: Ordering| {
                    edge.as_ref().is_none_or(|edge| match compared(&found, &edge.value) {
                        Some(Ordering::Equal) => edge.included,
                        other => other == Some(inside),
                    })
                };
                (from.is_some() || to.is_some()) && within(from, Ordering::Greater) && within(to, Ordering::Less)
            }),
            Self::Prefix(field, start) => {
                value(field).is_some_and(|found| found.as_str().is_some_and(|text| text.starts_with(start.as_str())))
            }
        }
    }
}

fn same(one: &Value, other: &Value) -> bool {
    compared(one, other).map_or_else(|| one == other, Ordering::is_eq)
}

/// How two numbers or two texts stand to each other; none for what has no order.
fn compared(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(found: Value, from: Option<(Value, bool)>, to: Option<(Value, bool)>, expect: bool) {
        let edge = |end: Option<(Value, bool)>| end.map(|(value, included)| Edge { value, included });
        let filter = Filter::Range(Field::Source, edge(from), edge(to));
        assert_eq!(filter.matches(&|_| Some(Cow::Borrowed(&found))), expect, "{found} in {filter:?}");
    }

    #[test]
    fn ends_are_in_a_range_or_not() {
        check(json!(3), Some((json!(3), true)), Some((json!(4), false)), true);
        check(json!(3), Some((json!(3.0), false)), None, false);
        check(json!(4), Some((json!(3), true)), Some((json!(4), false)), false);
        check(json!(-0.0), None, Some((json!(0), true)), true);
        check(json!("2024-05"), Some((json!("2024"), false)), Some((json!("2025"), false)), true);
        check(json!("Z"), Some((json!("a"), true)), None, false);
    }

    #[test]
    fn values_of_two_kinds_are_not_compared() {
        check(json!("3"), Some((json!(1), true)), None, false);
        check(json!(3), None, Some((json!("9"), true)), false);
        check(json!(true), None, Some((json!(9), true)), false);
        check(json!(3), None, None, false);
    }

    #[test]
    fn equal_numbers_are_the_same_however_they_are_written() {
        let passes = |found: Value, value: Value| Filter::In(Field::Source, vec![value]).matches(&|_| Some(Cow::Borrowed(&found)));
        assert!(passes(json!(2024), json!(2024.0)) && passes(json!(true), json!(true)));
        assert!(!passes(json!(1), json!(true)) && !passes(json!("1"), json!(1)));
    }

    #[test]
    fn nothing_begins_with_a_text_but_texts() {
        let passes = |found: Value, start: &str| Filter::Prefix(Field::Source, start.to_owned()).matches(&|_| Some(Cow::Borrowed(&found)));
        assert!(passes(json!("Évry"), "É") && passes(json!(""), ""));
        assert!(!passes(json!("Évry"), "é") && !passes(json!(12), "1") && !passes(json!(null), ""));
    }
}
