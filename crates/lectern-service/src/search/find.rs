//! One search, from a question to passages.

use super::{
    Found, Results, hydrate,
    semantic::{self, Question},
};
use crate::{ServiceError, app::App};
use lectern_domain::{
    access::{Principal, Scope},
    collection::CollectionName,
    filter::Filter,
    ids::ChunkId,
    search::{Hit, Method, RANK_CONSTANT, reciprocal_rank},
};
use lectern_persistence::repo::collections;
use lectern_vector_store::LexicalQuery;
use std::collections::HashSet;

/// How often a search asks for more hits when too few of them are visible.
const REFILLS: usize = 3;

/// The fewest hits that are asked of each engine for a hybrid search: fusion needs some depth to work with.
const HYBRID_DEPTH: usize = 50;

/// A search.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// The question.
    pub text: String,
    /// How to search; none takes hybrid where there are vectors.
    pub method: Option<Method>,
    /// The collections to search; every readable one where none are named.
    pub collections: Option<Vec<CollectionName>>,
    /// The most passages.
    pub limit: usize,
    /// Only the best passage of each document.
    pub by_document: bool,
    /// What a passage must satisfy.
    pub filter: Option<Filter>,
    /// External ids or chunk ids to put on top.
    pub prefer: Vec<String>,
    /// Whether words that are nearly the question's count.
    pub fuzzy: bool,
}

/// Searches on behalf of `who`. The current generations and what `who` may read are read from SQL in this call, and so is every text of
/// the answer: nothing that was deleted before it is returned.
///
/// # Errors
/// [`ServiceError::UnknownCollection`] for a collection that is not there or that `who` may not read, and errors of the database, the
/// engines and the embedding model.
pub async fn search(app: &App, who: Principal, request: &SearchRequest) -> Result<Results, ServiceError> {
    let scope = scope(app, who, request.collections.clone()).await?;
    let method = request.method.unwrap_or(Method::Hybrid);
    let mut depth = match method {
        Method::Hybrid => request.limit.max(HYBRID_DEPTH),
        _ => request.limit,
    };
    if request.by_document {
        depth *= 2;
    }
    let question = Question::new();
    for refill in 0.. {
        let (used, hits) = hits(app, &scope, request, method, depth, &question).await?;
        let asked = hits.len();
        let mut passages = hydrate::hydrate(app, &scope, hits, request).await?;
        let exhausted = asked < depth || refill == REFILLS;
        if passages.len() >= request.limit || exhausted {
            passages.truncate(request.limit);
            return Ok(Results { method: used, passages });
        }
        depth *= 4;
    }
    unreachable!("the last refill returns")
}

/// What `who` may search among the named collections.
pub(crate) async fn scope(app: &App, who: Principal, names: Option<Vec<CollectionName>>) -> Result<Scope, ServiceError> {
    let asked = names.clone();
    let found = app.bridge.read(move |conn| collections::with_generation(conn, names.as_deref())).await?;
    let readable: HashSet<_> = found.iter().map(|(collection, _)| (collection.name.clone(), collection.id)).collect();
    let scope = Scope::readable(who, found);
    for name in asked.into_iter().flatten() {
        if !readable.iter().any(|(found, id)| *found == name && scope.allows(*id)) {
            return Err(ServiceError::UnknownCollection(name.to_string()));
        }
    }
    Ok(scope)
}

/// The hits of the engines that the method names, merged.
async fn hits(
    app: &App,
    scope: &Scope,
    request: &SearchRequest,
    method: Method,
    depth: usize,
    question: &Question,
) -> Result<(Method, Vec<Hit>), ServiceError> {
    let query = LexicalQuery {
        text: request.text.clone(),
        limit: depth,
        filter: request.filter.clone(),
        prefer: request.prefer.clone(),
        fuzzy: request.fuzzy,
    };
    let lexical = async { app.followers.lexical.search(scope, &query).await };
    let nearest = async { semantic::search(app, scope, request, depth, question).await };
    match method {
        Method::Lexical => Ok((Method::Lexical, lexical.await?)),
        Method::Semantic => match nearest.await? {
            Some(hits) => Ok((Method::Semantic, hits)),
            None => Err(ServiceError::NoEmbeddings),
        },
        Method::Hybrid => {
            let (lexical, nearest) = tokio::try_join!(async { lexical.await.map_err(ServiceError::from) }, nearest)?;
            let Some(nearest) = nearest else { return Ok((Method::Lexical, lexical)) };
            let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.chunk).collect::<Vec<ChunkId>>();
            Ok((Method::Hybrid, reciprocal_rank(&[ids(lexical), ids(nearest)], RANK_CONSTANT)))
        }
    }
}

impl Found {
    /// The best passage of each document, in the order of `passages`.
    pub(crate) fn best_of_documents(passages: Vec<Self>) -> Vec<Self> {
        let mut seen = HashSet::new();
        passages.into_iter().filter(|found| seen.insert(found.chunk.document)).collect()
    }
}

/// The default collection as `who` may read it; none where it is not there yet.
pub(super) async fn default_scope(app: &App, who: Principal) -> Result<Option<Scope>, ServiceError> {
    match scope(app, who, Some(vec![app.default_collection.clone()])).await {
        Ok(scope) => Ok(Some(scope)),
        Err(ServiceError::UnknownCollection(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
