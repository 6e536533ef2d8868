//! The documents of a collection, for a caller who may read it.

use super::{delete::delete as delete_documents, list::unknown_cursor, named};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{
    access::{Principal, may_write},
    collection::{Collection, CollectionRef, Generation},
    document::DocumentSummary,
    ids::{ChunkId, DocumentId},
    page::Following,
};
use lectern_persistence::{
    Conn,
    repo::{
        chunks::{self, VisibleChunk},
        collections::{self, Which},
        documents,
    },
};

/// A document with where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentDetails {
    /// The document.
    pub document: DocumentSummary,
    /// Its collection.
    pub collection: Collection,
    /// How many chunks it has.
    pub chunks: u32,
}

/// A page of the documents of a collection, in the order in which they came; the one with an external id where one is given.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], and failures of the database.
pub async fn documents(
    app: &App,
    who: Principal,
    named: CollectionRef,
    external_id: Option<String>,
    part: Following<DocumentId>,
) -> Result<(Collection, Vec<DocumentSummary>), ServiceError> {
    app.bridge
        .read(move |conn| {
            let (collection, _) = named::one(conn, who, &named)?;
            let page = documents::page(conn, collection.id, external_id.as_deref(), part)?;
            Ok((collection, page))
        })
        .await
}

/// The document with this id.
///
/// # Errors
/// [`ServiceError::DocumentNotFound`] where it is not there or `who` may not read it, and failures of the database.
pub async fn document(app: &App, who: Principal, id: DocumentId) -> Result<DocumentDetails, ServiceError> {
    app.bridge
        .read(move |conn| {
            let (document, (collection, generation)) = readable(conn, who, id)?;
            let chunking = generation.chunking.fingerprint();
            let counted = chunks::count_of_versions(conn, &[document.version_id], &chunking)?;
            let chunks = counted.first().map_or(0, |(_, _, chunks)| *chunks);
            Ok(DocumentDetails { document, collection, chunks })
        })
        .await
}

/// Deletes a document of a collection that the caller may change. A search that starts after the answer does not find it.
///
/// # Errors
/// [`ServiceError::DocumentNotFound`], [`ServiceError::Forbidden`], and failures of the database.
pub async fn delete_document(app: &App, caller: &Caller, id: DocumentId) -> Result<DocumentSummary, ServiceError> {
    let who = caller.principal();
    let (document, (collection, _)) = app.bridge.read(move |conn| readable(conn, who, id)).await?;
    if !may_write(who, &collection) {
        return Err(ServiceError::Forbidden);
    }
    match delete_documents(app, &collection, vec![document.external_id.clone()]).await? {
        // Somebody else was quicker.
        0 => Err(ServiceError::DocumentNotFound),
        _ => Ok(document),
    }
}

/// A page of a document's chunks, in their order.
///
/// # Errors
/// [`ServiceError::DocumentNotFound`], [`ServiceError::Invalid`] where the document has no such chunk to begin after, and failures of the database.
pub async fn chunks_of(
    app: &App,
    who: Principal,
    id: DocumentId,
    part: Following<ChunkId>,
) -> Result<(Collection, Vec<VisibleChunk>), ServiceError> {
    app.bridge
        .read(move |conn| {
            let (_, (collection, generation)) = readable(conn, who, id)?;
            let after = match part.after {
                Some(chunk) => {
                    let found = chunks::by_ids(conn, &[chunk])?.into_iter().find(|found| found.document == id);
                    Some(found.ok_or_else(unknown_cursor)?.ordinal)
                }
                None => None,
            };
            let part = Following { after, limit: part.limit, descending: part.descending };
            let page = chunks::page_of_document(conn, id, &generation.chunking.fingerprint(), part)?;
            Ok((collection, page))
        })
        .await
}

/// The chunks with these ids that `who` may read, each with its collection, in no order.
///
/// # Errors
/// Failures of the database.
pub(crate) fn readable_chunks(conn: &mut Conn, who: Principal, ids: &[ChunkId]) -> Result<Vec<(VisibleChunk, Collection)>, ServiceError> {
    let found = chunks::by_ids(conn, ids)?;
    let mut of: Vec<_> = found.iter().map(|chunk| chunk.collection).collect();
    of.sort_unstable();
    of.dedup();
    let mut collections = collections::with_generation(conn, &Which::Ids(of))?;
    collections.retain(|(collection, _)| lectern_domain::access::may_read(who, collection));
    let readable = found.into_iter().filter_map(|chunk| {
        let (collection, _) = collections.iter().find(|(collection, _)| collection.id == chunk.collection)?;
        Some((chunk, collection.clone()))
    });
    Ok(readable.collect())
}

/// The chunk with this id.
///
/// # Errors
/// [`ServiceError::ChunkNotFound`] where it is not there or `who` may not read it, and failures of the database.
pub async fn chunk(app: &App, who: Principal, id: ChunkId) -> Result<(VisibleChunk, Collection), ServiceError> {
    let found = app.bridge.read(move |conn| readable_chunks(conn, who, &[id])).await?.pop();
    found.ok_or(ServiceError::ChunkNotFound)
}

/// A document, where `who` may read its collection.
fn readable(conn: &mut Conn, who: Principal, id: DocumentId) -> Result<(DocumentSummary, (Collection, Generation)), ServiceError> {
    let document = documents::find(conn, id)?.ok_or(ServiceError::DocumentNotFound)?;
    let of = named::by_id(conn, who, document.collection)?.ok_or(ServiceError::DocumentNotFound)?;
    Ok((document, of))
}
