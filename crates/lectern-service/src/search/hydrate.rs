//! From ids to passages: what an index found counts only as far as SQL has it now and the caller may read it.

use super::Found;
use crate::{ServiceError, app::App};
use lectern_domain::{access::Scope, ids::ChunkId, search::Hit};
use lectern_persistence::repo::chunks;
use std::collections::HashMap;

/// The visible passages among the hits, in their order, read in one query. Rows are read for as many hits as are likely to be needed.
pub(super) async fn hydrate(app: &App, scope: &Scope, hits: Vec<Hit>, limit: usize, by_document: bool) -> Result<Vec<Found>, ServiceError> {
    // A passage may have gone since it was indexed, and documents may share the first places: a few more than asked for are read at once.
    let likely = if by_document { limit * 2 } else { limit + limit / 4 + 2 };
    let (first, rest) = hits.split_at(likely.min(hits.len()));
    let mut passages = read(app, scope, first, by_document).await?;
    if passages.len() < limit && !rest.is_empty() {
        passages.extend(read(app, scope, rest, by_document).await?);
        if by_document {
            passages = Found::best_of_documents(passages);
        }
    }
    Ok(passages)
}

async fn read(app: &App, scope: &Scope, hits: &[Hit], by_document: bool) -> Result<Vec<Found>, ServiceError> {
    if hits.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ChunkId> = hits.iter().map(|hit| hit.chunk).collect();
    let collections: Vec<_> = scope.generations().iter().map(|generation| generation.collection).collect();
    let rows = app.bridge.read(move |conn| chunks::visible(conn, &ids, &collections)).await?;
    let mut rows: HashMap<ChunkId, _> = rows.into_iter().filter(|row| scope.allows(row.collection)).map(|row| (row.id, row)).collect();
    let passages: Vec<Found> = hits.iter().filter_map(|hit| Some(Found { chunk: rows.remove(&hit.chunk)?, score: hit.score })).collect();
    Ok(if by_document { Found::best_of_documents(passages) } else { passages })
}
