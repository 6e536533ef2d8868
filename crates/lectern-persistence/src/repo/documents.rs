//! Documents and their versions.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::document::{DocumentContentRow, DocumentRow, EventRow, VersionRow, digest},
    schema::{document_events, document_versions, documents},
    types::{JsonValue, Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    digest::Digest,
    document::{Document, DocumentStatus, ExternalId, NewDocument},
    ids::{CollectionId, DocumentId, VersionId},
};
use serde_json::Value;
use std::collections::HashMap;

/// What a put needs to know of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The document.
    pub id: DocumentId,
    /// The number of its current version.
    pub version: i32,
    /// The id of its current version.
    pub version_id: VersionId,
    /// The digest of its content.
    pub content_hash: Digest,
}

/// What is there under an external id; on PostgreSQL the row is locked until the transaction ends, so that two puts of one document
/// follow each other (SQLite has one writer).
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn find_for_update(conn: &mut Conn, collection: CollectionId, external_id: &ExternalId) -> Result<Option<Stored>, DbError> {
    let query = documents::table
        .filter(documents::collection_id.eq(collection.0))
        .filter(documents::external_id.eq(external_id.as_str()))
        .select((documents::id, documents::version, documents::version_id, documents::content_hash));
    let row: Option<(i32, i32, UuidValue, Vec<u8>)> = match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => query.for_update().get_result(c).optional()?,
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => query.get_result(c).optional()?,
    };
    row.map(|(id, version, version_id, hash)| {
        Ok(Stored { id: DocumentId(id), version, version_id: VersionId(version_id.0), content_hash: digest(&hash)? })
    })
    .transpose()
}

/// A version of a document, about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The collection that the document belongs to.
    pub collection: CollectionId,
    /// The version's number, from 1.
    pub number: i32,
    /// The version's id.
    pub id: VersionId,
    /// The content.
    pub content: &'a NewDocument,
    /// The content's digest.
    pub content_hash: Digest,
    /// Now.
    pub now: DateTime<Utc>,
}

impl NewVersion<'_> {
    fn row(&self) -> DocumentContentRow {
        DocumentContentRow {
            collection_id: self.collection.0,
            external_id: self.content.external_id.as_str().to_owned(),
            version: self.number,
            version_id: UuidValue(self.id.0),
            status: DocumentStatus::Ready.as_str(),
            title: self.content.title.clone(),
            url: self.content.url.clone(),
            source: self.content.source.clone(),
            format: self.content.format.as_str(),
            metadata: JsonValue(Value::Object(self.content.metadata.clone())),
            text: self.content.text.clone(),
            content_hash: self.content_hash.0.to_vec(),
            updated_at: Timestamp(self.now),
        }
    }
}

/// Adds a document with its first version.
///
/// # Errors
/// [`DbError::UniqueViolation`] where another process added the same external id first.
pub fn insert(conn: &mut Conn, new: &NewVersion<'_>) -> Result<DocumentId, DbError> {
    let row = (new.row(), documents::created_at.eq(Timestamp(new.now)));
    let insert = diesel::insert_into(documents::table).values(row).returning(documents::id);
    let id = DocumentId(with_conn!(conn, c => insert.get_result(c))?);
    record_version(conn, id, new)?;
    Ok(id)
}

/// Replaces a document's content by a new version. The rows of the old version's chunks are the caller's to delete.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn replace(conn: &mut Conn, id: DocumentId, new: &NewVersion<'_>) -> Result<(), DbError> {
    let update = diesel::update(documents::table.filter(documents::id.eq(id.0))).set(new.row());
    with_conn!(conn, c => update.execute(c))?;
    record_version(conn, id, new)
}

/// Adds the version to the document's history, and its state to the history of states.
fn record_version(conn: &mut Conn, id: DocumentId, new: &NewVersion<'_>) -> Result<(), DbError> {
    let version = VersionRow {
        id: UuidValue(new.id.0),
        document_id: id.0,
        number: new.number,
        content_hash: new.content_hash.0.to_vec(),
        size_bytes: i64::try_from(new.content.text.len()).map_err(DbError::corrupt("document_versions"))?,
        created_at: Timestamp(new.now),
    };
    let insert = diesel::insert_into(document_versions::table).values(&version);
    with_conn!(conn, c => insert.execute(c))?;
    let event =
        EventRow { document_id: id.0, version: new.number, status: DocumentStatus::Ready.as_str(), detail: None, at: Timestamp(new.now) };
    let insert = diesel::insert_into(document_events::table).values(&event);
    with_conn!(conn, c => insert.execute(c))?;
    Ok(())
}

/// Deletes a document with its versions, events and chunks.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete(conn: &mut Conn, id: DocumentId) -> Result<(), DbError> {
    let delete = diesel::delete(documents::table.filter(documents::id.eq(id.0)));
    with_conn!(conn, c => delete.execute(c))?;
    Ok(())
}

/// The values of one `IN`: SQLite takes 32,766 in a statement.
const VALUES: usize = 1_000;

/// The documents of these collections that have one of the external ids; at most one for each collection and id.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn by_external_ids(conn: &mut Conn, collections: &[CollectionId], ids: &[String]) -> Result<Vec<Document>, DbError> {
    let collections: Vec<i32> = collections.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for ids in ids.chunks(VALUES) {
        let query = documents::table.filter(documents::collection_id.eq_any(&collections)).filter(documents::external_id.eq_any(ids));
        let rows: Vec<DocumentRow> = with_conn!(&mut *conn, c => query.select(DocumentRow::as_select()).load(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// How many documents a collection has.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count(conn: &mut Conn, collection: CollectionId) -> Result<i64, DbError> {
    let query = documents::table.filter(documents::collection_id.eq(collection.0)).count();
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// The current versions of a collection's documents, in the order of their ids, from after `after`.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn versions_page(
    conn: &mut Conn,
    collection: CollectionId,
    after: DocumentId,
    limit: i64,
) -> Result<Vec<(DocumentId, VersionId)>, DbError> {
    let query = documents::table
        .filter(documents::collection_id.eq(collection.0))
        .filter(documents::id.gt(after.0))
        .order(documents::id)
        .limit(limit)
        .select((documents::id, documents::version_id));
    let rows: Vec<(i32, UuidValue)> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|(id, version)| (DocumentId(id), VersionId(version.0))).collect())
}

/// The digests of what is stored under these external ids.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn content_hashes(conn: &mut Conn, collection: CollectionId, ids: &[&str]) -> Result<HashMap<String, Digest>, DbError> {
    let query = documents::table
        .filter(documents::collection_id.eq(collection.0))
        .filter(documents::external_id.eq_any(ids))
        .select((documents::external_id, documents::content_hash));
    let rows: Vec<(String, Vec<u8>)> = with_conn!(conn, c => query.load(c))?;
    rows.into_iter().map(|(id, hash)| Ok((id, digest(&hash)?))).collect()
}
