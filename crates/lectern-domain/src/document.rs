//! Documents, their versions and their states.

use crate::{
    Invalid,
    digest::Digest,
    ids::{CollectionId, DocumentId, VersionId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

/// The id by which the outside knows a document: 1 to 500 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ExternalId(String);

impl ExternalId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ExternalId {
    type Error = Invalid;

    fn try_from(id: String) -> Result<Self, Invalid> {
        if id.is_empty() || id.chars().count() > 500 || id.chars().any(char::is_control) {
            return Err(Invalid::new("_id", "a document's id has 1 to 500 characters and no control characters"));
        }
        Ok(Self(id))
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form of a document's text; it decides where chunks may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML, kept as the Markdown that was extracted from it.
    Html,
}

impl Format {
    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// Where a document stands on its way into the indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocumentStatus {
    /// Its bytes wait to be read.
    Pending,
    /// Its chunks are in SQL and in the change log.
    Ready,
    /// It could not be read; its last event says why.
    Failed,
}

impl DocumentStatus {
    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// A document as it arrives: extracted, not yet cut.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDocument {
    /// The id by which the outside knows it.
    pub external_id: ExternalId,
    /// Its title; may be empty.
    pub title: String,
    /// Where a person can read it.
    pub url: Option<String>,
    /// Where it comes from, for filters.
    pub source: Option<String>,
    /// Whatever else was given with it.
    pub metadata: Map<String, Value>,
    /// Its form.
    pub format: Format,
    /// Its text; may be empty: such a document is kept and has no chunks.
    pub text: String,
}

impl NewDocument {
    /// What tells two contents apart: everything but the external id.
    pub fn content_hash(&self) -> Digest {
        let metadata = Value::Object(sorted(&self.metadata)).to_string();
        let present = |value: &Option<String>| value.as_ref().map_or_else(|| b"-".to_vec(), |text| format!("+{text}").into_bytes());
        Digest::of_parts([
            self.title.as_bytes(),
            &present(&self.url),
            &present(&self.source),
            metadata.as_bytes(),
            self.format.as_str().as_bytes(),
            self.text.as_bytes(),
        ])
    }
}

/// The same object with its keys in order, at every depth: two objects that differ in the order of their keys are equal.
fn sorted(map: &Map<String, Value>) -> Map<String, Value> {
    fn sort(value: &Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(sorted(map)),
            Value::Array(items) => Value::Array(items.iter().map(sort).collect()),
            other => other.clone(),
        }
    }
    let mut keys: Vec<_> = map.keys().collect();
    keys.sort();
    keys.into_iter().map(|key| (key.clone(), sort(&map[key]))).collect()
}

/// The id of a version: UUIDv5 of the collection, the document's external id, the version's number and its content.
///
/// It does not depend on when or how often a load was interrupted, so that an interrupted and repeated load ends with the same ids.
pub fn version_id(collection_uid: Uuid, external_id: &ExternalId, number: i32, content: Digest) -> VersionId {
    let name = Digest::of_parts([external_id.as_str().as_bytes(), &number.to_le_bytes(), &content.0]);
    VersionId(Uuid::new_v5(&collection_uid, &name.0))
}

/// A document in the database.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The collection that it belongs to.
    pub collection: CollectionId,
    /// The number of its current version, from 1.
    pub version: i32,
    /// The id of its current version.
    pub version_id: VersionId,
    /// Where it stands.
    pub status: DocumentStatus,
    /// Its content, as it arrived.
    pub content: NewDocument,
    /// The digest of the content.
    pub content_hash: Digest,
    /// When it first came.
    pub created_at: DateTime<Utc>,
    /// When its current version came.
    pub updated_at: DateTime<Utc>,
}

/// A document in a list: what is known of it but its text.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentSummary {
    /// Its id.
    pub id: DocumentId,
    /// The collection that it belongs to.
    pub collection: CollectionId,
    /// The id by which its owner knows it.
    pub external_id: ExternalId,
    /// Its title; may be empty.
    pub title: String,
    /// Where a person can read it.
    pub url: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Whatever else was given with it.
    pub metadata: Map<String, Value>,
    /// Its form.
    pub format: Format,
    /// Where it stands.
    pub status: DocumentStatus,
    /// The number of its current version, from 1.
    pub version: i32,
    /// The id of its current version.
    pub version_id: VersionId,
    /// The bytes of its text.
    pub size_bytes: u64,
    /// When it first came.
    pub created_at: DateTime<Utc>,
    /// When its current version came.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(metadata: Value) -> NewDocument {
        NewDocument {
            external_id: ExternalId("a".to_owned()),
            title: "t".to_owned(),
            url: None,
            source: None,
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            format: Format::Text,
            text: "x".to_owned(),
        }
    }

    #[test]
    fn the_order_of_keys_is_not_content() {
        let one = document(json!({"a": 1, "b": {"c": 2, "d": 3}}));
        let other = document(json!({"b": {"d": 3, "c": 2}, "a": 1}));
        assert_eq!(one.content_hash(), other.content_hash());
        assert_ne!(one.content_hash(), document(json!({"a": 1})).content_hash());
    }

    #[test]
    fn an_absent_url_is_not_an_empty_one() {
        let absent = document(json!({}));
        let empty = NewDocument { url: Some(String::new()), ..absent.clone() };
        assert_ne!(absent.content_hash(), empty.content_hash());
    }
}
