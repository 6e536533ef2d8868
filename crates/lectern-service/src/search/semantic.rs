//! The semantic half of a search.

use super::find::SearchRequest;
use crate::{ServiceError, app::App};
use lectern_domain::{access::Scope, search::Hit};
use lectern_llm::EmbeddingKind;
use lectern_vector_store::VectorQuery;

/// The nearest chunks, or none where no generation of the scope has vectors of the configured model.
pub(super) async fn search(app: &App, scope: &Scope, request: &SearchRequest, depth: usize) -> Result<Option<Vec<Hit>>, ServiceError> {
    let Some(embedder) = &app.followers.embedder else { return Ok(None) };
    let scope = scope.narrowed(|generation| generation.model.as_ref().is_some_and(|model| model.spec == *embedder.spec()));
    if scope.generations().is_empty() {
        return Ok(None);
    }
    let Some(vector) = embedder.embed(vec![request.text.clone()], EmbeddingKind::Query).await?.pop() else { return Ok(None) };
    let query = VectorQuery { vector, limit: depth, filter: request.filter.clone() };
    Ok(Some(app.followers.vectors.search(&scope, &query).await?))
}
