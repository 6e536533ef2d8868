//! Reading single chunks by their ids.

use super::{find::default_scope, hydrate};
use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, ids::ChunkId, search::Hit};
use lectern_persistence::repo::chunks::VisibleChunk;
use std::collections::HashMap;
use uuid::Uuid;

/// The chunks of the default collection with these ids, each in its place; none for an id that is not there or not one of a chunk.
///
/// # Errors
/// Failures of the database.
pub async fn chunks(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<VisibleChunk>>, ServiceError> {
    let Some(scope) = default_scope(app, who).await? else { return Ok(vec![None; ids.len()]) };
    let parsed: Vec<Option<ChunkId>> = ids.iter().map(|id| Uuid::parse_str(id).ok().map(ChunkId)).collect();
    let hits: Vec<Hit> = parsed.iter().flatten().map(|&chunk| Hit { chunk, score: 0.0 }).collect();
    let count = hits.len();
    let found = hydrate::hydrate(app, &scope, hits, count, false).await?;
    let found: HashMap<ChunkId, VisibleChunk> = found.into_iter().map(|found| (found.chunk.id, found.chunk)).collect();
    Ok(parsed.into_iter().map(|id| found.get(&id?).cloned()).collect())
}
