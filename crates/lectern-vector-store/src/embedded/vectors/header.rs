//! What a snapshot says about itself.

use crate::IndexedDocument;
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{DocumentId, EntryId, GenerationId},
    model::EmbeddingModelSpec,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    generation: GenerationId,
    model: String,
    revision: String,
    dimensions: u32,
    seq: i64,
    entry: EntryId,
}

/// The header of a snapshot.
pub(crate) fn encode(generation: &Generation, spec: &EmbeddingModelSpec, cursor: Cursor) -> Result<Vec<u8>, serde_json::Error> {
    let EmbeddingModelSpec { name, revision, dimensions } = spec.clone();
    let Cursor { seq, entry } = cursor;
    serde_json::to_vec(&Header { generation: generation.id, model: name, revision, dimensions, seq, entry })
}

/// The cursor of a header; none where it is of another generation or model.
pub(crate) fn decode(bytes: &[u8], generation: &Generation, spec: &EmbeddingModelSpec) -> Option<Cursor> {
    let header: Header = serde_json::from_slice(bytes).ok()?;
    let model = (header.model == spec.name, header.revision == spec.revision, header.dimensions == spec.dimensions);
    (header.generation == generation.id && model == (true, true, true)).then_some(Cursor { seq: header.seq, entry: header.entry })
}

/// A document in a snapshot.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DocumentRow {
    id: DocumentId,
    external_id: String,
    title: String,
    source: Option<String>,
    metadata: Map<String, Value>,
}

impl From<&IndexedDocument> for DocumentRow {
    fn from(document: &IndexedDocument) -> Self {
        let IndexedDocument { id, external_id, title, source, metadata } = document.clone();
        Self { id, external_id, title, source, metadata }
    }
}

impl From<DocumentRow> for IndexedDocument {
    fn from(row: DocumentRow) -> Self {
        let DocumentRow { id, external_id, title, source, metadata } = row;
        Self { id, external_id, title, source, metadata }
    }
}
