//! Chunks: written with their version, read by the followers and by every search.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::document::{ChunkOfDocumentRow, ChunkRow, digest, object},
    schema::{chunks, documents},
    types::{JsonValue, UuidValue},
};
use diesel::prelude::*;
use lectern_domain::{
    chunk::{Chunk, embedding_text},
    digest::Digest,
    document::DocumentStatus,
    ids::{ChunkId, CollectionId, DocumentId, VersionId},
    page::Following,
};
use serde_json::{Map, Value};

/// The rows of one INSERT: ten columns each, and SQLite takes 32,766 values.
const ROWS: usize = 500;

/// Where chunks belong.
#[derive(Debug, Clone)]
pub struct ChunkPlace<'a> {
    /// The collection.
    pub collection: CollectionId,
    /// The document.
    pub document: DocumentId,
    /// The document's title, part of what is embedded.
    pub title: &'a str,
    /// The fingerprint of the chunking.
    pub chunking: &'a str,
}

/// Adds chunks, each with the place where it belongs.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn insert(conn: &mut Conn, new: &[(ChunkPlace<'_>, Vec<Chunk>)]) -> Result<(), DbError> {
    let mut rows = new.iter().flat_map(|(place, chunks)| chunks.iter().map(move |chunk| row(place, chunk))).peekable();
    while rows.peek().is_some() {
        let group = rows.by_ref().take(ROWS).collect::<Result<Vec<_>, _>>()?;
        with_conn!(conn, c => diesel::insert_into(chunks::table).values(&group).execute(c))?;
    }
    Ok(())
}

fn row(place: &ChunkPlace<'_>, chunk: &Chunk) -> Result<ChunkRow, DbError> {
    let embedded = embedding_text(place.title, &chunk.heading, &chunk.text);
    Ok(ChunkRow {
        id: UuidValue(chunk.id.0),
        version_id: UuidValue(chunk.version.0),
        document_id: place.document.0,
        collection_id: place.collection.0,
        chunking: place.chunking.to_owned(),
        ordinal: i32::try_from(chunk.ordinal).map_err(DbError::corrupt("chunks"))?,
        heading: chunk.heading.clone(),
        text: chunk.text.clone(),
        hash: chunk.hash().0.to_vec(),
        embedding_hash: Digest::of(embedded).0.to_vec(),
    })
}

/// Deletes the chunks of a version, and says of how many under each chunking.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_of_version(conn: &mut Conn, version: VersionId) -> Result<Vec<(String, u32)>, DbError> {
    let of_version = chunks::table.filter(chunks::version_id.eq(UuidValue(version.0)));
    let count = of_version.group_by(chunks::chunking).select((chunks::chunking, diesel::dsl::count_star()));
    let counts: Vec<(String, i64)> = with_conn!(conn, c => count.load(c))?;
    with_conn!(conn, c => diesel::delete(of_version).execute(c))?;
    counts.into_iter().map(|(chunking, count)| Ok((chunking, u32::try_from(count).map_err(DbError::corrupt("chunks"))?))).collect()
}

/// A chunk as an index is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkOfDocument {
    /// The chunk.
    pub chunk: Chunk,
    /// Its document.
    pub document: DocumentId,
    /// The id by which the outside knows the document.
    pub external_id: String,
    /// The document's title.
    pub title: String,
    /// Where the document comes from.
    pub source: Option<String>,
    /// Whatever else is known of the document.
    pub metadata: Map<String, Value>,
    /// What the vector of its text is kept under.
    pub text_hash: Digest,
}

impl ChunkOfDocument {
    /// Where it stands among the chunks of a set of versions.
    pub fn place(&self) -> ChunkCursor {
        (self.chunk.version, self.chunk.ordinal)
    }
}

impl TryFrom<ChunkOfDocumentRow> for ChunkOfDocument {
    type Error = DbError;

    fn try_from(row: ChunkOfDocumentRow) -> Result<Self, DbError> {
        let ordinal = u32::try_from(row.ordinal).map_err(DbError::corrupt("chunks"))?;
        Ok(Self {
            chunk: Chunk { id: ChunkId(row.id.0), version: VersionId(row.version_id.0), ordinal, heading: row.heading, text: row.text },
            document: DocumentId(row.document_id),
            external_id: row.external_id,
            title: row.title,
            source: row.source,
            metadata: object(row.metadata),
            text_hash: digest(&row.embedding_hash)?,
        })
    }
}

/// A place in the chunks of a set of versions, for reading on.
pub type ChunkCursor = (VersionId, u32);

/// A place as its two columns have it.
pub(super) fn columns((version, ordinal): ChunkCursor) -> Result<(UuidValue, i32), DbError> {
    Ok((UuidValue(version.0), i32::try_from(ordinal).map_err(DbError::corrupt("chunks"))?))
}

/// What stands beyond a place.
#[diesel::dsl::auto_type]
pub(super) fn beyond(version: UuidValue, ordinal: i32) -> _ {
    chunks::version_id.gt(version).or(chunks::version_id.eq(version).and(chunks::ordinal.gt(ordinal)))
}

/// The columns of a [`ChunkOfDocumentRow`].
#[diesel::dsl::auto_type]
pub(super) fn select_of_document() -> _ {
    (
        chunks::id,
        chunks::version_id,
        chunks::ordinal,
        chunks::heading,
        chunks::text,
        chunks::document_id,
        documents::external_id,
        documents::title,
        documents::source,
        documents::metadata,
        chunks::embedding_hash,
    )
}

/// The next chunks of these versions, in the order of version and ordinal. Versions that are gone have none.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page_of_versions(
    conn: &mut Conn,
    versions: &[VersionId],
    chunking: &str,
    after: Option<ChunkCursor>,
    limit: i64,
) -> Result<Vec<ChunkOfDocument>, DbError> {
    let versions: Vec<UuidValue> = versions.iter().map(|version| UuidValue(version.0)).collect();
    let after = after.map(columns).transpose()?;
    let rows: Vec<ChunkOfDocumentRow> = with_conn!(conn, c => {
        let mut query = chunks::table
            .inner_join(documents::table)
            .filter(chunks::version_id.eq_any(versions))
            .filter(chunks::chunking.eq(chunking))
            .order((chunks::version_id, chunks::ordinal))
            .limit(limit)
            .select(select_of_document())
            .into_boxed();
        if let Some((version, ordinal)) = after {
            query = query.filter(beyond(version, ordinal));
        }
        query.load(c)
    })?;
    rows.into_iter().map(ChunkOfDocument::try_from).collect()
}

/// A chunk that may be shown: what a search answers with.
#[derive(Debug, Clone, PartialEq)]
pub struct VisibleChunk {
    /// The chunk.
    pub id: ChunkId,
    /// The collection that it belongs to.
    pub collection: CollectionId,
    /// The document that it belongs to.
    pub document: DocumentId,
    /// The id by which the outside knows the document.
    pub external_id: String,
    /// The document's title.
    pub title: String,
    /// Where a person can read it.
    pub url: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Whatever else is known of the document.
    pub metadata: Map<String, Value>,
    /// Its place in the document, from 0.
    pub ordinal: i32,
    /// The headings above it.
    pub heading: String,
    /// Its text.
    pub text: String,
}

type VisibleRow = (UuidValue, i32, i32, String, String, Option<String>, Option<String>, JsonValue, i32, String, String);

/// The ids of one `IN`: SQLite takes 32,766 values in a statement.
const IDS: usize = 1_000;

/// The chunks among `ids` that are there now and belong to one of `collections`, in no order. One query for a thousand ids.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn visible(conn: &mut Conn, ids: &[ChunkId], collections: &[CollectionId]) -> Result<Vec<VisibleChunk>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS) {
        // Not in the query: SQLite would take the collection's index, and read all of the collection's chunks instead of these few.
        found.extend(by_ids(conn, ids)?.into_iter().filter(|chunk| collections.contains(&chunk.collection)));
    }
    Ok(found)
}

/// What may be shown of chunks: those of their documents' current versions.
#[diesel::dsl::auto_type]
fn shown() -> _ {
    let ready: &'static str = DocumentStatus::Ready.as_str();
    chunks::table
        .inner_join(documents::table)
        .filter(documents::version_id.eq(chunks::version_id))
        .filter(documents::status.eq(ready))
        .select((
            chunks::id,
            chunks::collection_id,
            chunks::document_id,
            documents::external_id,
            documents::title,
            documents::url,
            documents::source,
            documents::metadata,
            chunks::ordinal,
            chunks::heading,
            chunks::text,
        ))
}

fn visible_chunk(row: VisibleRow) -> VisibleChunk {
    let (id, collection, document, external_id, title, url, source, metadata, ordinal, heading, text) = row;
    VisibleChunk {
        id: ChunkId(id.0),
        collection: CollectionId(collection),
        document: DocumentId(document),
        external_id,
        title,
        url,
        source,
        metadata: object(metadata),
        ordinal,
        heading,
        text,
    }
}

/// The chunks among `ids`, at most a thousand, that are there now, in no order, whatever collection they belong to: what a caller may see of
/// them is for who asks to decide.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn by_ids(conn: &mut Conn, ids: &[ChunkId]) -> Result<Vec<VisibleChunk>, DbError> {
    let ids: Vec<UuidValue> = ids.iter().take(IDS).map(|id| UuidValue(id.0)).collect();
    let rows: Vec<VisibleRow> = with_conn!(conn, c => shown().filter(chunks::id.eq_any(ids)).load(c))?;
    Ok(rows.into_iter().map(visible_chunk).collect())
}

/// A page of a document's chunks under a chunking, in their order; `after` is a place in the document.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page_of_document(conn: &mut Conn, document: DocumentId, chunking: &str, part: Following<i32>) -> Result<Vec<VisibleChunk>, DbError> {
    let rows: Vec<VisibleRow> = with_conn!(conn, c => {
        let mut query = shown()
            .filter(chunks::document_id.eq(document.0))
            .filter(chunks::chunking.eq(chunking))
            .limit(part.limit.into())
            .into_boxed();
        match (part.after, part.descending) {
            (Some(after), true) => query = query.filter(chunks::ordinal.lt(after)),
            (Some(after), false) => query = query.filter(chunks::ordinal.gt(after)),
            (None, _) => {}
        }
        if part.descending { query.order(chunks::ordinal.desc()).load(c) } else { query.order(chunks::ordinal.asc()).load(c) }
    })?;
    Ok(rows.into_iter().map(visible_chunk).collect())
}

/// The versions among these that have chunks under this chunking, with their documents and the number of their chunks.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count_of_versions(conn: &mut Conn, versions: &[VersionId], chunking: &str) -> Result<Vec<(DocumentId, VersionId, u32)>, DbError> {
    let versions: Vec<UuidValue> = versions.iter().map(|version| UuidValue(version.0)).collect();
    let query = chunks::table
        .filter(chunks::version_id.eq_any(versions))
        .filter(chunks::chunking.eq(chunking))
        .group_by((chunks::document_id, chunks::version_id))
        .order(chunks::document_id)
        .select((chunks::document_id, chunks::version_id, diesel::dsl::count_star()));
    let rows: Vec<(i32, UuidValue, i64)> = with_conn!(conn, c => query.load(c))?;
    rows.into_iter()
        .map(|(document, version, count)| {
            Ok((DocumentId(document), VersionId(version.0), u32::try_from(count).map_err(DbError::corrupt("chunks"))?))
        })
        .collect()
}
