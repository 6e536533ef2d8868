//! What is in force, and where it came from.

use crate::{Origin, Settings, keys::KEYS};
use serde::Serialize;
use serde_json::Value;

/// A setting that is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The dotted key.
    pub key: &'static str,
    /// The value, redacted where it is secret; null where nothing is set.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

impl Entry {
    /// The value as a table for people shows it: texts without quotes, nothing for null.
    pub fn value_text(&self) -> String {
        match &self.value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

impl Settings {
    /// Every key in the order of `docs/configuration.md`, with the value in force and its origin.
    pub fn describe(&self) -> Vec<Entry> {
        // Serialising plain structs does not fail; if it did, nothing would be shown rather than something wrong.
        let all = serde_json::to_value(self).unwrap_or_default();
        let value = |name: &str| all.pointer(&format!("/{}", name.replace('.', "/"))).cloned().unwrap_or_default();
        KEYS.iter().map(|key| Entry { key: key.name, value: value(key.name), origin: self.origin(key.name) }).collect()
    }
}
