//! Vectors: kept once for a text and a model, whichever chunks have that text.

use crate::{
    Conn, DbError,
    conn::with_conn,
    repo::chunks::{ChunkCursor, ChunkOfDocument, beyond, columns},
    rows::document::digest,
    schema::{chunk_embeddings, chunks, documents},
    types::UuidValue,
};
use diesel::prelude::*;
use lectern_domain::{Invalid, chunk::embedding_text, digest::Digest, ids::VersionId, model::EmbeddingModel};
use std::collections::HashMap;

/// The rows of one INSERT, and the digests of one look-up.
const ROWS: usize = 500;

/// A chunk whose text has no vector yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unembedded {
    /// Where it stands, for reading on.
    pub place: ChunkCursor,
    /// The chunk.
    pub chunk: lectern_domain::ids::ChunkId,
    /// What its vector is kept under.
    pub text_hash: Digest,
    /// The text to embed.
    pub text: String,
}

/// The next chunks of these versions that have no vector of this model, in the order of version and ordinal.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn missing(
    conn: &mut Conn,
    model: &EmbeddingModel,
    versions: &[VersionId],
    chunking: &str,
    after: Option<ChunkCursor>,
    limit: i64,
) -> Result<Vec<Unembedded>, DbError> {
    let versions: Vec<UuidValue> = versions.iter().map(|version| UuidValue(version.0)).collect();
    let after = after.map(columns).transpose()?;
    type Row = (UuidValue, UuidValue, i32, Vec<u8>, String, String, String);
    let rows: Vec<Row> = with_conn!(conn, c => {
        let embedded = chunk_embeddings::table
            .filter(chunk_embeddings::model_id.eq(model.id.0))
            .filter(chunk_embeddings::text_hash.eq(chunks::embedding_hash));
        let mut query = chunks::table
            .inner_join(documents::table)
            .filter(chunks::version_id.eq_any(versions))
            .filter(chunks::chunking.eq(chunking))
            .filter(diesel::dsl::not(diesel::dsl::exists(embedded)))
            .order((chunks::version_id, chunks::ordinal))
            .limit(limit)
            .select((chunks::id, chunks::version_id, chunks::ordinal, chunks::embedding_hash, documents::title, chunks::heading, chunks::text))
            .into_boxed();
        if let Some((version, ordinal)) = after {
            query = query.filter(beyond(version, ordinal));
        }
        query.load(c)
    })?;
    rows.into_iter()
        .map(|(id, version, ordinal, hash, title, heading, text)| {
            Ok(Unembedded {
                place: (VersionId(version.0), u32::try_from(ordinal).map_err(DbError::corrupt("chunks"))?),
                chunk: lectern_domain::ids::ChunkId(id.0),
                text_hash: digest(&hash)?,
                text: embedding_text(&title, &heading, &text),
            })
        })
        .collect()
}

/// Keeps vectors; one that is there already stays.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn insert(conn: &mut Conn, model: &EmbeddingModel, vectors: &[(Digest, Vec<f32>)]) -> Result<(), DbError> {
    let dimensions = i32::try_from(model.spec.dimensions).map_err(DbError::corrupt("chunk_embeddings"))?;
    for group in vectors.chunks(ROWS) {
        let rows: Vec<_> = group
            .iter()
            .map(|(hash, vector)| {
                (
                    chunk_embeddings::model_id.eq(model.id.0),
                    chunk_embeddings::text_hash.eq(hash.0.to_vec()),
                    chunk_embeddings::dimensions.eq(dimensions),
                    chunk_embeddings::encoding.eq("f32"),
                    chunk_embeddings::vector.eq(encode(vector)),
                )
            })
            .collect();
        with_conn!(conn, c => diesel::insert_into(chunk_embeddings::table).values(rows).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Chunks with their vectors, and the place to read on from; none where nothing is left.
pub type EmbeddedPage = (Vec<(ChunkOfDocument, Vec<f32>)>, Option<ChunkCursor>);

/// Looks at the next `limit` chunks of these versions, in the order of version and ordinal, and gives those that have a vector of this model,
/// with it. That may be none although more follow.
///
/// # Errors
/// [`DbError`] where the database fails or a vector has another length than its model.
pub fn page_of_versions(
    conn: &mut Conn,
    model: &EmbeddingModel,
    versions: &[VersionId],
    chunking: &str,
    after: Option<ChunkCursor>,
    limit: i64,
) -> Result<EmbeddedPage, DbError> {
    let page = super::chunks::page_of_versions(conn, versions, chunking, after, limit)?;
    let next = page.last().map(ChunkOfDocument::place);
    // Two queries, not one: without statistics SQLite would begin with all vectors of the model.
    let vectors = vectors_of(conn, model, &page.iter().map(|row| row.text_hash).collect::<Vec<_>>())?;
    let found = page.into_iter().filter_map(|row| vectors.get(&row.text_hash).cloned().map(|vector| (row, vector)));
    Ok((found.collect(), next))
}

/// The vectors of texts, by the digests of the texts.
pub(super) fn vectors_of(conn: &mut Conn, model: &EmbeddingModel, hashes: &[Digest]) -> Result<HashMap<Digest, Vec<f32>>, DbError> {
    let mut vectors = HashMap::with_capacity(hashes.len());
    for group in hashes.chunks(ROWS) {
        let group: Vec<&[u8]> = group.iter().map(|hash| hash.0.as_slice()).collect();
        let query = chunk_embeddings::table
            .filter(chunk_embeddings::model_id.eq(model.id.0))
            .filter(chunk_embeddings::text_hash.eq_any(group))
            .select((chunk_embeddings::text_hash, chunk_embeddings::vector));
        let rows: Vec<(Vec<u8>, Vec<u8>)> = with_conn!(conn, c => query.load(c))?;
        for (hash, bytes) in rows {
            vectors.insert(digest(&hash)?, decode(&bytes, model)?);
        }
    }
    Ok(vectors)
}

/// The digests of texts that have a vector but no chunk any more: the next ones after `after`, in order.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn orphans(conn: &mut Conn, after: Option<Digest>, limit: i64) -> Result<Vec<Digest>, DbError> {
    let rows: Vec<Vec<u8>> = with_conn!(conn, c => {
        let used = chunks::table.filter(chunks::embedding_hash.eq(chunk_embeddings::text_hash));
        let mut query = chunk_embeddings::table
            .filter(diesel::dsl::not(diesel::dsl::exists(used)))
            .select(chunk_embeddings::text_hash)
            .distinct()
            .order(chunk_embeddings::text_hash)
            .limit(limit)
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(chunk_embeddings::text_hash.gt(after.0.to_vec()));
        }
        query.load(c)
    })?;
    rows.iter().map(|hash| digest(hash)).collect()
}

/// Deletes the vectors of these texts that still have no chunk; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_orphans(conn: &mut Conn, texts: &[Digest]) -> Result<usize, DbError> {
    let texts: Vec<Vec<u8>> = texts.iter().map(|hash| hash.0.to_vec()).collect();
    let used = chunks::table.filter(chunks::embedding_hash.eq(chunk_embeddings::text_hash));
    let unused =
        chunk_embeddings::table.filter(chunk_embeddings::text_hash.eq_any(texts)).filter(diesel::dsl::not(diesel::dsl::exists(used)));
    let delete = diesel::delete(unused);
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// Little-endian f32, as the column keeps them.
fn encode(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|component| component.to_le_bytes()).collect()
}

fn decode(bytes: &[u8], model: &EmbeddingModel) -> Result<Vec<f32>, DbError> {
    if bytes.len() != model.spec.dimensions as usize * 4 {
        let message = format!("{} bytes for {} components of 4", bytes.len(), model.spec.dimensions);
        return Err(DbError::corrupt("chunk_embeddings")(Invalid::new("vector", message)));
    }
    let (components, _) = bytes.as_chunks::<4>();
    Ok(components.iter().map(|&component| f32::from_le_bytes(component)).collect())
}
