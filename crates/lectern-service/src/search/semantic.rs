//! The semantic half of a search.

use super::{find::SearchRequest, guard::Asked, tail};
use crate::{ServiceError, app::App};
use lectern_domain::{access::Scope, search::Side};
use lectern_llm::{EmbeddingKind, LlmError};
use lectern_vector_store::VectorQuery;
use tokio::sync::OnceCell;

/// The question's vector: the model is asked once, however often the search asks for more.
pub(super) type Question = OnceCell<Vec<f32>>;

/// The nearest chunks, or none where no generation of the scope has vectors of the configured model. A model that can't be asked leaves the
/// index of vectors out, as one that is down itself does.
pub(super) async fn search(
    app: &App,
    scope: &Scope,
    request: &SearchRequest,
    depth: usize,
    question: &Question,
) -> Result<Option<Asked>, ServiceError> {
    let Some(embedder) = &app.followers.embedder else { return Ok(None) };
    let scope = scope.narrowed(|generation| generation.model.as_ref().is_some_and(|model| model.spec == *embedder.spec()));
    if scope.generations().is_empty() {
        return Ok(None);
    }
    let ask = || async {
        let vector = embedder.embed(vec![request.text.clone()], EmbeddingKind::Query).await?.pop();
        vector.ok_or_else(|| LlmError::Protocol("no vector for a question".to_owned()))
    };
    let vector = match question.get_or_try_init(ask).await {
        Ok(vector) => vector.clone(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a question could not be embedded");
            return app.guards.leave_out(error.into()).map(Some);
        }
    };
    let query = VectorQuery { vector, limit: depth, filter: request.filter.clone() };
    // The tail first: what moves from it into the index meanwhile is found there.
    let tail = tail::search(app, &scope, &query).await?;
    let found = app.guards.ask(Side::Vectors, app.followers.vectors.search(&scope, &query)).await?;
    Ok(Some(found.map(|hits| tail::merge(tail, hits, depth))))
}
