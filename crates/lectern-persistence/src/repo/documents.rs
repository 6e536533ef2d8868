//! Documents and their versions.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::document::{DocumentContentRow, DocumentRow, DocumentSummaryRow, EventRow, VersionRow, digest},
    schema::{document_events, document_versions, documents},
    types::{JsonValue, Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    digest::Digest,
    document::{Document, DocumentStatus, DocumentSummary, ExternalId, NewDocument},
    ids::{CollectionId, DocumentId, VersionId},
    page::Following,
};
use serde_json::Value;
use std::collections::HashMap;

/// The rows of one INSERT: SQLite takes 32,766 values.
const ROWS: usize = 500;

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

/// What is there under these external ids; on PostgreSQL the rows are locked until the transaction ends, so that two puts of one document
/// follow each other (SQLite has one writer). Everybody locks in the order of the documents' ids.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn find_for_update(conn: &mut Conn, collection: CollectionId, ids: &[&ExternalId]) -> Result<HashMap<ExternalId, Stored>, DbError> {
    let query = documents::table
        .filter(documents::collection_id.eq(collection.0))
        .filter(documents::external_id.eq_any(ids.iter().map(|id| id.as_str()).collect::<Vec<_>>()))
        .order(documents::id)
        .select((documents::external_id, documents::id, documents::version, documents::version_id, documents::content_hash));
    let rows: Vec<(String, i32, i32, UuidValue, Vec<u8>)> = match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => query.for_update().load(c)?,
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => query.load(c)?,
    };
    rows.into_iter()
        .map(|(external_id, id, version, version_id, hash)| {
            let external_id = ExternalId::try_from(external_id).map_err(DbError::corrupt("documents"))?;
            Ok((external_id, Stored { id: DocumentId(id), version, version_id: VersionId(version_id.0), content_hash: digest(&hash)? }))
        })
        .collect()
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

/// Adds documents, each under an external id of its own, and returns their ids by those. Their versions are the caller's to record.
///
/// # Errors
/// [`DbError::UniqueViolation`] where another process added one of the external ids first.
pub fn insert(conn: &mut Conn, new: &[NewVersion<'_>]) -> Result<HashMap<ExternalId, DocumentId>, DbError> {
    let mut ids = HashMap::with_capacity(new.len());
    for group in new.chunks(ROWS) {
        let rows: Vec<_> = group.iter().map(|new| (new.row(), documents::created_at.eq(Timestamp(new.now)))).collect();
        with_conn!(conn, c => diesel::insert_into(documents::table).values(rows).execute(c))?;
        // A version's id is derived from the collection and the external id: it is enough to find the row.
        let query = documents::table
            .filter(documents::version_id.eq_any(group.iter().map(|new| UuidValue(new.id.0)).collect::<Vec<_>>()))
            .select((documents::external_id, documents::id));
        let made: Vec<(String, i32)> = with_conn!(conn, c => query.load(c))?;
        for (external_id, id) in made {
            ids.insert(ExternalId::try_from(external_id).map_err(DbError::corrupt("documents"))?, DocumentId(id));
        }
    }
    Ok(ids)
}

/// Replaces a document's content by a new version. That version is the caller's to record, and the rows of the old one's chunks to delete.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn replace(conn: &mut Conn, id: DocumentId, new: &NewVersion<'_>) -> Result<(), DbError> {
    let update = diesel::update(documents::table.filter(documents::id.eq(id.0))).set(new.row());
    with_conn!(conn, c => update.execute(c))?;
    Ok(())
}

/// Adds versions to their documents' histories, and their states to the histories of states.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn record_versions(conn: &mut Conn, new: &[(DocumentId, NewVersion<'_>)]) -> Result<(), DbError> {
    for group in new.chunks(ROWS) {
        let versions = group.iter().map(|(id, new)| version_row(*id, new)).collect::<Result<Vec<_>, _>>()?;
        with_conn!(conn, c => diesel::insert_into(document_versions::table).values(&versions).execute(c))?;
        let events: Vec<_> = group.iter().map(|(id, new)| event_row(*id, new)).collect();
        with_conn!(conn, c => diesel::insert_into(document_events::table).values(&events).execute(c))?;
    }
    Ok(())
}

fn version_row(id: DocumentId, new: &NewVersion<'_>) -> Result<VersionRow, DbError> {
    Ok(VersionRow {
        id: UuidValue(new.id.0),
        document_id: id.0,
        number: new.number,
        content_hash: new.content_hash.0.to_vec(),
        size_bytes: i64::try_from(new.content.text.len()).map_err(DbError::corrupt("document_versions"))?,
        created_at: Timestamp(new.now),
    })
}

fn event_row(id: DocumentId, new: &NewVersion<'_>) -> EventRow {
    EventRow { document_id: id.0, version: new.number, status: DocumentStatus::Ready.as_str(), detail: None, at: Timestamp(new.now) }
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

/// Deletes some documents of a collection, with their versions, events and chunks, and without a word in the change log: for a collection that
/// nobody can search any more. How many there were.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_some(conn: &mut Conn, collection: CollectionId, limit: i64) -> Result<usize, DbError> {
    let some = documents::table.filter(documents::collection_id.eq(collection.0)).order(documents::id).limit(limit).select(documents::id);
    let ids: Vec<i32> = with_conn!(&mut *conn, c => some.load(c))?;
    let delete = diesel::delete(documents::table.filter(documents::id.eq_any(ids)));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// What a list shows of a document.
#[diesel::dsl::auto_type]
fn summaries() -> _ {
    documents::table.inner_join(document_versions::table.on(document_versions::id.eq(documents::version_id))).select((
        documents::id,
        documents::collection_id,
        documents::external_id,
        documents::title,
        documents::url,
        documents::source,
        documents::metadata,
        documents::format,
        documents::status,
        documents::version,
        documents::version_id,
        documents::created_at,
        documents::updated_at,
        document_versions::size_bytes,
    ))
}

/// The document with this id.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn find(conn: &mut Conn, id: DocumentId) -> Result<Option<DocumentSummary>, DbError> {
    let row: Option<DocumentSummaryRow> = with_conn!(conn, c => summaries().filter(documents::id.eq(id.0)).get_result(c).optional())?;
    row.map(DocumentSummary::try_from).transpose()
}

/// A page of a collection's documents, in the order in which they came; the one with an external id where one is given.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page(
    conn: &mut Conn,
    collection: CollectionId,
    external_id: Option<&str>,
    part: Following<DocumentId>,
) -> Result<Vec<DocumentSummary>, DbError> {
    let rows: Vec<DocumentSummaryRow> = with_conn!(conn, c => {
        let mut query = summaries().filter(documents::collection_id.eq(collection.0)).limit(part.limit.into()).into_boxed();
        if let Some(id) = external_id {
            query = query.filter(documents::external_id.eq(id));
        }
        match (part.after, part.descending) {
            (Some(after), true) => query = query.filter(documents::id.lt(after.0)),
            (Some(after), false) => query = query.filter(documents::id.gt(after.0)),
            (None, _) => {}
        }
        if part.descending { query.order(documents::id.desc()).load(c) } else { query.order(documents::id.asc()).load(c) }
    })?;
    rows.into_iter().map(DocumentSummary::try_from).collect()
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
