//! Reading single chunks by their ids.

use super::unavailable;
use crate::{ServiceError, app::App, corpora};
use lectern_domain::{access::Principal, ids::ChunkId};
use lectern_persistence::repo::chunks::VisibleChunk;
use std::collections::HashMap;
use uuid::Uuid;

/// The ids of one query.
const IDS: usize = 1_000;

/// The chunks with these ids, each in its place; none for an id that is not there, not for `who` to read or not one of a chunk.
///
/// # Errors
/// [`ServiceError::Store`] where they cannot be read.
pub async fn chunks(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<VisibleChunk>>, ServiceError> {
    read(app, who, ids).await.map_err(unavailable)
}

async fn read(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<VisibleChunk>>, ServiceError> {
    let parsed: Vec<Option<ChunkId>> = ids.iter().map(|id| Uuid::parse_str(id).ok().map(ChunkId)).collect();
    let asked: Vec<ChunkId> = parsed.iter().flatten().copied().collect();
    let mut found: HashMap<ChunkId, VisibleChunk> = HashMap::new();
    for ids in asked.chunks(IDS) {
        let ids = ids.to_vec();
        let readable = app.bridge.read(move |conn| corpora::readable_chunks(conn, who, &ids)).await?;
        found.extend(readable.into_iter().map(|(chunk, _)| (chunk.id, chunk)));
    }
    Ok(parsed.into_iter().map(|id| found.get(&id?).cloned()).collect())
}
