//! Reading single chunks and sheets (documents) by their ids.

use super::{find::scope, hydrate};
use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, document::Document, ids::ChunkId, search::Hit};
use lectern_persistence::{
    DbError,
    repo::{chunks::VisibleChunk, documents},
};
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

/// The documents of the default collection with these external ids, each in its place; none for an id that is not there.
///
/// # Errors
/// Failures of the database.
pub async fn sheets(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<Document>>, ServiceError> {
    let Some(scope) = default_scope(app, who).await? else { return Ok(vec![None; ids.len()]) };
    let collections: Vec<_> = scope.generations().iter().map(|generation| generation.collection).collect();
    let asked = ids.to_vec();
    let found = app.bridge.read::<_, DbError>(move |conn| documents::by_external_ids(conn, &collections, &asked)).await?;
    let found: HashMap<String, Document> =
        found.into_iter().map(|document| (document.content.external_id.as_str().to_owned(), document)).collect();
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

/// The default collection as `who` may read it; none where it is not there yet.
async fn default_scope(app: &App, who: Principal) -> Result<Option<lectern_domain::access::Scope>, ServiceError> {
    match scope(app, who, Some(vec![app.default_collection.clone()])).await {
        Ok(scope) => Ok(Some(scope)),
        Err(ServiceError::UnknownCollection(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
