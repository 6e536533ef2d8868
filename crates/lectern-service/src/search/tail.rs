//! The end of the log that a snapshot of vectors does not hold yet.
//!
//! The holder of the index folder has its vectors in memory; a process that only reads sees the last snapshot of them, which may be thousands
//! of changes old. It compares the question with the vectors of those changes itself, exactly. Chunks that are gone drop out where rows
//! are read.

use crate::{ServiceError, app::App, follow::indexed_document};
use lectern_domain::{
    access::Scope,
    collection::Generation,
    ids::{ChunkId, DocumentId},
    model::EmbeddingModel,
    search::Hit,
};
use lectern_persistence::{
    Conn, DbError,
    repo::{changes, documents, embeddings},
};
use lectern_vector_store::{Position, VectorQuery, brute_force};
use std::collections::HashSet;

/// The most versions, and the most chunks, of one generation's tail. A snapshot is written after 5,000 changes, or a tenth of a large index:
/// of what is beyond, a reader finds the vectors with the next snapshot.
const MOST: i64 = 5_000;

/// The chunks of one look.
const PAGE: i64 = 1_000;

/// The nearest chunks of the scope among those that this process's snapshots don't hold; none where it holds the folder itself, or asks a store outside.
pub(super) async fn search(app: &App, scope: &Scope, query: &VectorQuery) -> Result<Vec<Hit>, ServiceError> {
    if !app.followers.vectors_seat.is_behind() {
        return Ok(Vec::new());
    }
    let mut hits = Vec::new();
    for generation in scope.generations() {
        let Some(model) = generation.model.clone() else { continue };
        let position = app.followers.vectors.position(generation).await?;
        let (generation, query) = (generation.clone(), query.clone());
        let candidates = app.bridge.read(move |conn| candidates(conn, &generation, &model, position, &query)).await?;
        hits.push(candidates);
    }
    let (vector, limit) = (query.vector.clone(), query.limit);
    Ok(app.bridge.compute(move || brute_force(&vector, hits.into_iter().flatten(), limit)).await??)
}

/// The chunks of the tail that pass the query's filter, with their vectors.
fn candidates(
    conn: &mut Conn,
    generation: &Generation,
    model: &EmbeddingModel,
    position: Position,
    query: &VectorQuery,
) -> Result<Vec<(ChunkId, Vec<f32>)>, DbError> {
    let versions = match position {
        Position::At(cursor) => changes::embedded_after(conn, generation.collection, model.id, cursor.seq, MOST)?,
        Position::Empty => {
            let page = documents::versions_page(conn, generation.collection, DocumentId(0), MOST)?;
            page.into_iter().map(|(_, version)| version).collect()
        }
    };
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    let chunking = generation.chunking.fingerprint();
    let passes = |row: &_| query.filter.as_ref().is_none_or(|filter| indexed_document(row, generation).passes(filter));
    let (mut found, mut after, mut looked) = (Vec::new(), None, 0);
    while looked < MOST {
        let (page, next) = embeddings::page_of_versions(conn, model, &versions, &chunking, after, PAGE)?;
        if next.is_none() {
            break;
        }
        (after, looked) = (next, looked + PAGE);
        found.extend(page.into_iter().filter(|(row, _)| passes(row)).map(|(row, vector)| (row.chunk.id, vector)));
    }
    Ok(found)
}

/// One list of both, nearest first; equal ones by id. What is in both lists counts as the tail has it.
pub(super) fn merge(mut tail: Vec<Hit>, index: Vec<Hit>, limit: usize) -> Vec<Hit> {
    if tail.is_empty() {
        return index;
    }
    let known: HashSet<ChunkId> = tail.iter().map(|hit| hit.chunk).collect();
    tail.extend(index.into_iter().filter(|hit| !known.contains(&hit.chunk)));
    tail.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.chunk.cmp(&b.chunk)));
    tail.truncate(limit);
    tail
}
