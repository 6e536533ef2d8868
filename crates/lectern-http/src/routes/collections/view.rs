//! A collection in an answer.

use lectern_domain::{collection::Collection, fields::FieldKind};
use lectern_service::corpora::CollectionDetails;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A collection.
#[derive(Serialize, ToSchema)]
#[schema(as = Collection)]
pub(super) struct CollectionView {
    id: String,
    object: &'static str,
    name: String,
    visibility: &'static str,
    /// The account that it belongs to; null where the operator made it.
    owner_id: Option<i32>,
    language: &'static str,
    /// The metadata fields that it can be searched by: `keyword`, `number`, `date` or `boolean`.
    fields: BTreeMap<String, &'static str>,
    created_at: i64,
    updated_at: i64,
    /// How many documents it has; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<u64>,
}

impl From<Collection> for CollectionView {
    fn from(collection: Collection) -> Self {
        Self {
            id: collection.uid.to_string(),
            object: "collection",
            name: collection.name.to_string(),
            visibility: collection.visibility.as_str(),
            owner_id: collection.owner.map(|owner| owner.0),
            language: collection.language.code(),
            fields: collection.fields.iter().map(|(name, kind)| (name.to_owned(), FieldKind::as_str(kind))).collect(),
            created_at: collection.created_at.timestamp(),
            updated_at: collection.updated_at.timestamp(),
            documents: None,
        }
    }
}

impl From<CollectionDetails> for CollectionView {
    fn from(details: CollectionDetails) -> Self {
        Self { documents: Some(details.documents), ..details.collection.into() }
    }
}

/// An id for the documentation.
pub(super) const ID: &str = "5f2d4d5e-3c8b-4f7a-9a61-0b7c1e2f3d40";

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "id": ID, "object": "collection", "name": "guides", "visibility": "private", "owner_id": 1, "language": "fr",
        "fields": { "intitule_typologie_1": "keyword", "theme": "keyword", "year": "number" }, "created_at": 1_795_000_000,
        "updated_at": 1_795_000_000,
    })
}

/// The same with what lists do not tell.
pub(super) fn detailed_example() -> Value {
    let mut example = example();
    example["documents"] = json!(3);
    example
}
