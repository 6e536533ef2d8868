//! What the indexes of a generation should hold: its chunks in the order of their ids, with their vectors where they have one.

use crate::{
    Conn, DbError,
    conn::with_conn,
    repo::{
        chunks::{ChunkOfDocument, select_of_document},
        embeddings::vectors_of,
    },
    rows::document::ChunkOfDocumentRow,
    schema::{chunk_embeddings, chunks, documents},
    types::UuidValue,
};
use diesel::prelude::*;
use lectern_domain::{
    ids::{ChunkId, CollectionId, ModelId},
    model::EmbeddingModel,
};

/// The ids of one look-up: SQLite takes 32,766 values in a statement.
const IDS: usize = 500;

/// The ids of a collection's chunks under a chunking, in their order from after `after`. An index has them in that order.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn ids(conn: &mut Conn, collection: CollectionId, chunking: &str, after: Option<ChunkId>, limit: i64) -> Result<Vec<ChunkId>, DbError> {
    let rows: Vec<UuidValue> = with_conn!(conn, c => {
        let mut query = chunks::table
            .filter(chunks::collection_id.eq(collection.0))
            .filter(chunks::chunking.eq(chunking))
            .order(chunks::id)
            .limit(limit)
            .select(chunks::id)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(chunks::id.gt(UuidValue(after.0)));
        }
        query.load(c)
    })?;
    Ok(rows.into_iter().map(|id| ChunkId(id.0)).collect())
}

/// Those of these chunks that are there under a chunking, in no order.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn of_ids(conn: &mut Conn, chunking: &str, ids: &[ChunkId]) -> Result<Vec<ChunkOfDocument>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS) {
        let ids: Vec<UuidValue> = ids.iter().map(|id| UuidValue(id.0)).collect();
        let query = chunks::table.inner_join(documents::table).filter(chunks::id.eq_any(ids)).filter(chunks::chunking.eq(chunking));
        let rows: Vec<ChunkOfDocumentRow> = with_conn!(&mut *conn, c => query.select(select_of_document()).load(c))?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// The same with their vectors, of those that have one of this model.
///
/// # Errors
/// [`DbError`] where the database fails or a vector has another length than its model.
pub fn embedded_of_ids(
    conn: &mut Conn,
    model: &EmbeddingModel,
    chunking: &str,
    ids: &[ChunkId],
) -> Result<Vec<(ChunkOfDocument, Vec<f32>)>, DbError> {
    let rows = of_ids(conn, chunking, ids)?;
    let vectors = vectors_of(conn, model, &rows.iter().map(|row| row.text_hash).collect::<Vec<_>>())?;
    Ok(rows.into_iter().filter_map(|row| vectors.get(&row.text_hash).cloned().map(|vector| (row, vector))).collect())
}

/// How many chunks a collection has under a chunking, and how many of them have a vector of this model.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn count(conn: &mut Conn, collection: CollectionId, chunking: &str, model: Option<ModelId>) -> Result<(i64, i64), DbError> {
    let of = || chunks::table.filter(chunks::collection_id.eq(collection.0)).filter(chunks::chunking.eq(chunking));
    let all: i64 = with_conn!(&mut *conn, c => of().count().get_result(c))?;
    let Some(model) = model else { return Ok((all, 0)) };
    let embedded = chunk_embeddings::table
        .filter(chunk_embeddings::model_id.eq(model.0))
        .filter(chunk_embeddings::text_hash.eq(chunks::embedding_hash));
    let query = of().filter(diesel::dsl::exists(embedded)).count();
    Ok((all, with_conn!(conn, c => query.get_result(c))?))
}
