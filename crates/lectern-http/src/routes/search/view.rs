//! Chunks and sheets in an answer: the reference's `_source` objects. The fields that Lectern knows come first, then the document's metadata.

use lectern_domain::document::Document;
use lectern_service::search::VisibleChunk;
use serde_json::{Map, Value, json};

/// A chunk. Its `hash` is the id under which `get_chunk` finds it.
pub(super) fn chunk(chunk: VisibleChunk) -> Value {
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
pub(super) fn sheet(document: Document) -> Value {
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

fn with_metadata(known: Value, metadata: Map<String, Value>) -> Value {
    let Value::Object(mut fields) = known else { return known };
    for (name, value) in metadata {
        fields.entry(name).or_insert(value);
    }
    Value::Object(fields)
}
