//! Reading single chunks by their ids.

use super::{find::default_scope, hydrate, unavailable};
use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, ids::ChunkId};
use lectern_persistence::repo::chunks::VisibleChunk;
use uuid::Uuid;

/// The chunks of the default collection with these ids, each in its place; none for an id that is not there or not one of a chunk.
///
/// # Errors
/// [`ServiceError::Store`] where they cannot be read.
pub async fn chunks(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<VisibleChunk>>, ServiceError> {
    read(app, who, ids).await.map_err(unavailable)
}

async fn read(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<VisibleChunk>>, ServiceError> {
    let Some(scope) = default_scope(app, who).await? else { return Ok(vec![None; ids.len()]) };
    let parsed: Vec<Option<ChunkId>> = ids.iter().map(|id| Uuid::parse_str(id).ok().map(ChunkId)).collect();
    let found = hydrate::visible(app, &scope, parsed.iter().flatten().copied().collect()).await?;
    Ok(parsed.into_iter().map(|id| found.get(&id?).cloned()).collect())
}
