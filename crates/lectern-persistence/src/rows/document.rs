//! Rows of `documents`, `document_versions`, `document_events` and `chunks`.

use crate::{
    DbError,
    schema::{chunks, document_events, document_versions, documents},
    types::{JsonValue, Timestamp, UuidValue},
};
use diesel::prelude::*;
use lectern_domain::{
    Invalid,
    digest::Digest,
    document::{Document, DocumentStatus, DocumentSummary, ExternalId, Format, NewDocument},
    ids::{CollectionId, DocumentId, VersionId},
};
use serde_json::Value;

/// The content columns of `documents`, to be inserted or replaced.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = documents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct DocumentContentRow {
    pub(crate) collection_id: i32,
    pub(crate) external_id: String,
    pub(crate) version: i32,
    pub(crate) version_id: UuidValue,
    pub(crate) status: &'static str,
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) format: &'static str,
    pub(crate) metadata: JsonValue,
    pub(crate) text: String,
    pub(crate) content_hash: Vec<u8>,
    pub(crate) updated_at: Timestamp,
}

/// A row of `documents`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = documents)]
pub(crate) struct DocumentRow {
    id: i32,
    collection_id: i32,
    external_id: String,
    version: i32,
    version_id: UuidValue,
    status: String,
    title: String,
    url: Option<String>,
    source: Option<String>,
    format: String,
    metadata: JsonValue,
    text: String,
    content_hash: Vec<u8>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<DocumentRow> for Document {
    type Error = DbError;

    fn try_from(row: DocumentRow) -> Result<Self, DbError> {
        Ok(Self {
            id: DocumentId(row.id),
            collection: CollectionId(row.collection_id),
            version: row.version,
            version_id: VersionId(row.version_id.0),
            status: status(&row.status)?,
            content: NewDocument {
                external_id: ExternalId::try_from(row.external_id).map_err(DbError::corrupt("documents"))?,
                title: row.title,
                url: row.url,
                source: row.source,
                metadata: object(row.metadata),
                format: format(&row.format)?,
                text: row.text,
            },
            content_hash: digest(&row.content_hash)?,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

/// The columns of `documents` that a list shows, and the size of the current version.
#[derive(Debug, Queryable)]
pub(crate) struct DocumentSummaryRow {
    id: i32,
    collection_id: i32,
    external_id: String,
    title: String,
    url: Option<String>,
    source: Option<String>,
    metadata: JsonValue,
    format: String,
    status: String,
    version: i32,
    version_id: UuidValue,
    created_at: Timestamp,
    updated_at: Timestamp,
    size_bytes: i64,
}

impl TryFrom<DocumentSummaryRow> for DocumentSummary {
    type Error = DbError;

    fn try_from(row: DocumentSummaryRow) -> Result<Self, DbError> {
        Ok(Self {
            id: DocumentId(row.id),
            collection: CollectionId(row.collection_id),
            external_id: ExternalId::try_from(row.external_id).map_err(DbError::corrupt("documents"))?,
            title: row.title,
            url: row.url,
            source: row.source,
            metadata: object(row.metadata),
            format: format(&row.format)?,
            status: status(&row.status)?,
            version: row.version,
            version_id: VersionId(row.version_id.0),
            size_bytes: u64::try_from(row.size_bytes).map_err(DbError::corrupt("document_versions"))?,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        })
    }
}

/// The JSON object of a `metadata` column; anything else cannot be written there.
pub(crate) fn object(value: JsonValue) -> serde_json::Map<String, Value> {
    match value.0 {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

/// The digest of a 32-byte column.
pub(crate) fn digest(bytes: &[u8]) -> Result<Digest, DbError> {
    bytes.try_into().map(Digest).map_err(DbError::corrupt("a digest"))
}

fn status(word: &str) -> Result<DocumentStatus, DbError> {
    [DocumentStatus::Pending, DocumentStatus::Ready, DocumentStatus::Failed]
        .into_iter()
        .find(|status| status.as_str() == word)
        .ok_or_else(|| DbError::corrupt("documents")(Invalid::new("status", word)))
}

fn format(word: &str) -> Result<Format, DbError> {
    [Format::Text, Format::Markdown, Format::Html]
        .into_iter()
        .find(|format| format.as_str() == word)
        .ok_or_else(|| DbError::corrupt("documents")(Invalid::new("format", word)))
}

/// A row to be added to `document_versions`.
#[derive(Debug, Insertable)]
#[diesel(table_name = document_versions)]
pub(crate) struct VersionRow {
    pub(crate) id: UuidValue,
    pub(crate) document_id: i32,
    pub(crate) number: i32,
    pub(crate) content_hash: Vec<u8>,
    pub(crate) size_bytes: i64,
    pub(crate) created_at: Timestamp,
}

/// A row to be added to `document_events`.
#[derive(Debug, Insertable)]
#[diesel(table_name = document_events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) document_id: i32,
    pub(crate) version: i32,
    pub(crate) status: &'static str,
    pub(crate) detail: Option<String>,
    pub(crate) at: Timestamp,
}

/// A row to be added to `chunks`.
#[derive(Debug, Insertable)]
#[diesel(table_name = chunks)]
pub(crate) struct ChunkRow {
    pub(crate) id: UuidValue,
    pub(crate) version_id: UuidValue,
    pub(crate) document_id: i32,
    pub(crate) collection_id: i32,
    pub(crate) chunking: String,
    pub(crate) ordinal: i32,
    pub(crate) heading: String,
    pub(crate) text: String,
    pub(crate) hash: Vec<u8>,
    pub(crate) embedding_hash: Vec<u8>,
}

/// What an index is told of a chunk: columns of `chunks` and of its document.
#[derive(Debug, Queryable)]
pub(crate) struct ChunkOfDocumentRow {
    pub(crate) id: UuidValue,
    pub(crate) version_id: UuidValue,
    pub(crate) ordinal: i32,
    pub(crate) heading: String,
    pub(crate) text: String,
    pub(crate) document_id: i32,
    pub(crate) external_id: String,
    pub(crate) title: String,
    pub(crate) source: Option<String>,
    pub(crate) metadata: JsonValue,
    pub(crate) embedding_hash: Vec<u8>,
}
