//! Filters over documents that are held in memory.

use crate::IndexedDocument;
use lectern_domain::filter::{Field, Filter};
use serde_json::Value;
use std::borrow::Cow;

/// Whether a document satisfies a filter.
pub(crate) fn matches(document: &IndexedDocument, filter: &Filter) -> bool {
    filter.matches(&|field| match field {
        Field::Source => document.source.as_deref().map(|source| Cow::Owned(Value::from(source))),
        Field::ExternalId => Some(Cow::Owned(Value::from(document.external_id.as_str()))),
        Field::Metadata(name) => document.metadata.get(name).map(Cow::Borrowed),
    })
}
