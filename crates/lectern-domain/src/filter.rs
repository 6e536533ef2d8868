//! Conditions on what a search may find, beyond who is asking.

use serde_json::Value;

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

/// A condition. Evaluated by every store in the same way; a field that a document lacks satisfies nothing but `Not`.
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
}

impl Filter {
    /// Whether a document with these values passes; `value` gives a field's value, or none where the document lacks it.
    pub fn matches<'a>(&self, value: &impl Fn(&Field) -> Option<std::borrow::Cow<'a, Value>>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(value)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(value)),
            Self::Not(part) => !part.matches(value),
            Self::In(field, values) => value(field).is_some_and(|found| values.contains(&found)),
        }
    }
}
