//! Reading documents (the reference calls them sheets) by their external ids.

use super::{find::default_scope, unavailable};
use crate::{ServiceError, app::App};
use lectern_domain::{access::Principal, document::Document, ids::CollectionId};
use lectern_persistence::{DbError, repo::documents};
use std::collections::HashMap;

/// The documents of the default collection with these external ids, each in its place; none for an id that is not there.
///
/// # Errors
/// [`ServiceError::Store`] where they cannot be read.
pub async fn sheets(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<Document>>, ServiceError> {
    read(app, who, ids).await.map_err(unavailable)
}

async fn read(app: &App, who: Principal, ids: &[String]) -> Result<Vec<Option<Document>>, ServiceError> {
    let Some(scope) = default_scope(app, who).await? else { return Ok(vec![None; ids.len()]) };
    let collections: Vec<_> = scope.generations().iter().map(|generation| generation.collection).collect();
    let found = of_collections(app, collections, ids.to_vec()).await?;
    let found: HashMap<String, Document> =
        found.into_iter().map(|document| (document.content.external_id.as_str().to_owned(), document)).collect();
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

/// The documents of these collections, which a scope allows, with these external ids.
pub(super) async fn of_collections(app: &App, collections: Vec<CollectionId>, ids: Vec<String>) -> Result<Vec<Document>, ServiceError> {
    Ok(app.bridge.read::<_, DbError>(move |conn| documents::by_external_ids(conn, &collections, &ids)).await?)
}
