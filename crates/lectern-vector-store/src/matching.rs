//! Filters over documents that are held in memory.

use crate::IndexedDocument;
use lectern_domain::filter::{Field, Filter};
use serde_json::Value;
use std::borrow::Cow;

impl IndexedDocument {
    /// Whether the document passes a filter.
    pub fn passes(&self, filter: &Filter) -> bool {
        filter.matches(&|field| match field {
            Field::Source => self.source.as_deref().map(|source| Cow::Owned(Value::from(source))),
            Field::ExternalId => Some(Cow::Owned(Value::from(self.external_id.as_str()))),
            Field::Metadata(name) => self.metadata.get(name).map(Cow::Borrowed),
        })
    }
}
