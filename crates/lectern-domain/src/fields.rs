//! The metadata fields of documents that a collection can be searched by.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The field of the reference's `experiences` that `institution` asks for.
pub const INSTITUTION: &str = "intitule_typologie_1";

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A text that is compared as a whole, letter by letter.
    Keyword,
}

impl FieldKind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Keyword => value.is_string(),
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Keyword => "a text",
        }
    }
}

/// The fields that a collection declares as filterable: indexes keep these of a document's metadata, and no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilterableFields(BTreeMap<String, FieldKind>);

impl Default for FilterableFields {
    /// The field that the reference's API can filter by.
    fn default() -> Self {
        Self(BTreeMap::from([(INSTITUTION.to_owned(), FieldKind::Keyword)]))
    }
}

impl FilterableFields {
    /// Whether no field is declared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The declared fields among a document's metadata. What is `null` is absent.
    #[must_use]
    pub fn of(&self, metadata: &Map<String, Value>) -> Map<String, Value> {
        let value = |(name, kind): (&String, &FieldKind)| {
            let value = metadata.get(name).filter(|value| kind.holds(value))?;
            Some((name.clone(), value.clone()))
        };
        self.0.iter().filter_map(value).collect()
    }

    /// Refuses metadata with a value of another kind than is declared.
    ///
    /// # Errors
    /// [`Invalid`], with the field and what it takes.
    pub fn check(&self, metadata: &Map<String, Value>) -> Result<(), Invalid> {
        for (name, kind) in &self.0 {
            if metadata.get(name).is_some_and(|value| !value.is_null() && !kind.holds(value)) {
                let message = format!("the field '{name}' can be searched by, and takes {} or nothing", kind.meaning());
                return Err(Invalid::new("metadata", message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: Value, kept: Option<Value>, valid: bool) {
        let metadata = Map::from_iter([(INSTITUTION.to_owned(), value), ("other".to_owned(), json!("kept out"))]);
        let fields = FilterableFields::default();
        let expect: Map<String, Value> = kept.into_iter().map(|value| (INSTITUTION.to_owned(), value)).collect();
        assert_eq!((fields.of(&metadata), fields.check(&metadata).is_ok()), (expect, valid));
    }

    #[test]
    fn a_keyword_is_a_text_or_absent() {
        check(json!("CAF"), Some(json!("CAF")), true);
        check(json!(""), Some(json!("")), true);
        check(json!(null), None, true);
        check(json!(3), None, false);
        check(json!(["CAF"]), None, false);
        assert_eq!(FilterableFields::default().check(&Map::new()), Ok(()));
    }
}
