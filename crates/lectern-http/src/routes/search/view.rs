//! Chunks and sheets in an answer: the reference's `_source` objects. The fields that Lectern knows come first, then the document's metadata.

use lectern_domain::document::Document;
use lectern_service::search::VisibleChunk;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A chunk, a sheet, or nothing: an object with the document's metadata beside the fields of the example.
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object)]
pub(super) struct FoundView(Value);

impl FoundView {
    /// What stands for one that is not there.
    pub(super) fn none() -> Self {
        Self(json!({}))
    }
}

/// A chunk. Its `hash` is the id under which `get_chunk` finds it.
pub(super) fn chunk(chunk: VisibleChunk) -> FoundView {
    let known = json!({
        "hash": chunk.id.to_string(),
        "sid": chunk.external_id,
        "title": chunk.title,
        "url": chunk.url,
        "source": chunk.source,
        "context": chunk.heading,
        "text": chunk.text,
    });
    with_metadata(known, chunk.metadata)
}

/// A sheet.
pub(super) fn sheet(document: Document) -> FoundView {
    let content = document.content;
    let known = json!({
        "sid": content.external_id.as_str(),
        "title": content.title,
        "url": content.url,
        "source": content.source,
        "text": content.text,
    });
    with_metadata(known, content.metadata)
}

fn with_metadata(known: Value, metadata: Map<String, Value>) -> FoundView {
    let Value::Object(mut fields) = known else { return FoundView(known) };
    for (name, value) in metadata {
        fields.entry(name).or_insert(value);
    }
    FoundView(Value::Object(fields))
}

/// An example for the documentation.
pub(super) fn example_chunk() -> Value {
    json!({
        "hash": "6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11", "sid": "F1", "title": "Vélos", "url": "https://example.org/F1",
        "source": "service-public", "context": "Louer", "text": "La location d'un vélo coûte vingt euros par an.",
    })
}

/// An example for the documentation.
pub(super) fn example_sheet() -> Value {
    json!({
        "sid": "F1", "title": "Vélos", "url": "https://example.org/F1", "source": "service-public",
        "text": "La location d'un vélo coûte vingt euros par an.",
    })
}
