//! Documents and chunks in answers.

use chrono::{DateTime, Utc};
use lectern_domain::{collection::Collection, document::DocumentSummary};
use lectern_service::{corpora::DocumentDetails, search::VisibleChunk};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// A document.
#[derive(Serialize, ToSchema)]
#[schema(as = Document)]
pub(super) struct DocumentView {
    id: String,
    object: &'static str,
    /// The id of its collection.
    collection: String,
    external_id: String,
    title: String,
    url: Option<String>,
    source: Option<String>,
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    format: &'static str,
    /// The number of its current version, from 1.
    version: i32,
    /// The bytes of its text.
    bytes: u64,
    created_at: i64,
    updated_at: i64,
    /// How many chunks it has; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    chunks: Option<u32>,
}

impl DocumentView {
    /// A document of a collection.
    pub(super) fn new(document: DocumentSummary, collection: &Collection) -> Self {
        let seconds = |time: DateTime<Utc>| time.timestamp();
        Self {
            id: document.id.to_string(),
            object: "document",
            collection: collection.uid.to_string(),
            external_id: document.external_id.to_string(),
            title: document.title,
            url: document.url,
            source: document.source,
            metadata: document.metadata,
            format: document.format.as_str(),
            version: document.version,
            bytes: document.size_bytes,
            created_at: seconds(document.created_at),
            updated_at: seconds(document.updated_at),
            chunks: None,
        }
    }
}

impl From<DocumentDetails> for DocumentView {
    fn from(details: DocumentDetails) -> Self {
        Self { chunks: Some(details.chunks), ..Self::new(details.document, &details.collection) }
    }
}

/// A passage of a document.
#[derive(Serialize, ToSchema)]
#[schema(as = Chunk)]
pub(in crate::routes) struct ChunkView {
    id: String,
    object: &'static str,
    /// The id of its collection.
    collection: String,
    document_id: String,
    external_id: String,
    /// Its place in the document, from 0.
    index: i32,
    title: String,
    /// The headings above it.
    heading: String,
    text: String,
    url: Option<String>,
    source: Option<String>,
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

impl ChunkView {
    /// A chunk of a collection.
    pub(in crate::routes) fn new(chunk: VisibleChunk, collection: &Collection) -> Self {
        Self {
            id: chunk.id.to_string(),
            object: "chunk",
            collection: collection.uid.to_string(),
            document_id: chunk.document.to_string(),
            external_id: chunk.external_id,
            index: chunk.ordinal,
            title: chunk.title,
            heading: chunk.heading,
            text: chunk.text,
            url: chunk.url,
            source: chunk.source,
            metadata: chunk.metadata,
        }
    }
}

/// Ids for the documentation.
pub(super) const CHUNK_ID: &str = "6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11";
const COLLECTION_ID: &str = "5f2d4d5e-3c8b-4f7a-9a61-0b7c1e2f3d40";

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "id": "17", "object": "document", "collection": COLLECTION_ID, "external_id": "F9", "title": "Vélos", "url": "https://example.org/F9",
        "source": "service-public", "metadata": { "year": 2026 }, "format": "markdown", "version": 1, "bytes": 31,
        "created_at": 1_795_000_000, "updated_at": 1_795_000_000,
    })
}

/// The same with what lists do not tell.
pub(super) fn detailed_example() -> Value {
    let mut example = example();
    example["chunks"] = json!(1);
    example
}

/// An example for the documentation.
pub(in crate::routes) fn example_chunk() -> Value {
    json!({
        "id": CHUNK_ID, "object": "chunk", "collection": COLLECTION_ID, "document_id": "17", "external_id": "F9", "index": 0, "title": "Vélos",
        "heading": "Louer", "text": "Vingt euros par an.", "url": "https://example.org/F9", "source": "service-public",
        "metadata": { "year": 2026 },
    })
}
