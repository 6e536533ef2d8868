//! One search, from a question to passages.

use super::{
    Found, Results,
    ask::{Hits, ask},
    hydrate,
    semantic::Question,
};
use crate::{ServiceError, app::App, corpora::named};
use lectern_domain::{
    access::{Principal, Scope, readable},
    collection::CollectionRef,
    filter::Filter,
    search::Method,
};
use lectern_persistence::repo::collections::{self, Which};
use std::collections::HashSet;

/// How often a search asks for more hits when too few of them are visible.
const REFILLS: usize = 3;

/// How many hits are asked of each engine for a hybrid search. Fusion needs some depth to work with, and the first places depend on how deep it
/// looked: in steps, so that a page of a list is cut from the same list as the page before it.
const HYBRID_DEPTHS: [usize; 3] = [50, 200, 1_000];

/// A search.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// The question.
    pub text: String,
    /// How to search; none takes hybrid where there are vectors.
    pub method: Option<Method>,
    /// The collections to search; every readable one where none are named.
    pub collections: Option<Vec<CollectionRef>>,
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
/// the answer: nothing that was deleted before it is returned. Where one of the indexes is down, the other one is searched alone, and
/// the results say so.
///
/// # Errors
/// [`ServiceError::UnknownCollection`] for a collection that is not there or that `who` may not read, and errors of the database, the
/// engines and the embedding model.
pub async fn search(app: &App, who: Principal, request: &SearchRequest) -> Result<Results, ServiceError> {
    let scope = scope(app, who, request.collections.clone()).await?;
    search_within(app, &scope, request).await
}

/// The same within a scope, whatever collections the request names.
///
/// # Errors
/// Those of the database, the engines and the embedding model.
pub(crate) async fn search_within(app: &App, scope: &Scope, request: &SearchRequest) -> Result<Results, ServiceError> {
    let method = request.method.unwrap_or(Method::Hybrid);
    let mut depth = match method {
        Method::Hybrid => HYBRID_DEPTHS.into_iter().find(|depth| *depth >= request.limit).unwrap_or(request.limit),
        _ => request.limit,
    };
    if request.by_document {
        depth *= 2;
    }
    let question = Question::new();
    for refill in 0.. {
        let Hits { method: used, degraded, hits } = ask(app, scope, request, method, depth, &question).await?;
        let asked = hits.len();
        let mut passages = hydrate::hydrate(app, scope, hits, request).await?;
        let exhausted = asked < depth || refill == REFILLS;
        if passages.len() >= request.limit || exhausted {
            passages.truncate(request.limit);
            if let Some(side) = degraded {
                app.guards.of(side).left_out.up();
            }
            return Ok(Results { method: used, degraded, passages });
        }
        depth *= 4;
    }
    unreachable!("the last refill returns")
}

/// What `who` may search among the named collections; among all where none are named.
pub(crate) async fn scope(app: &App, who: Principal, named: Option<Vec<CollectionRef>>) -> Result<Scope, ServiceError> {
    let found = app
        .bridge
        .read(move |conn| match named {
            Some(named) => named::all(conn, who, &named),
            None => Ok(collections::with_generation(conn, &Which::Readable(readable(who)))?),
        })
        .await?;
    let mut seen = HashSet::new();
    Ok(Scope::readable(who, found.into_iter().filter(|(collection, _)| seen.insert(collection.id))))
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
    match scope(app, who, Some(vec![CollectionRef::Shared(app.default_collection.clone())])).await {
        Ok(scope) => Ok(Some(scope)),
        Err(ServiceError::UnknownCollection(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
