//! A page of what a search finds, in collections of the caller's choice.

use super::{Found, SearchRequest, search_within};
use crate::{ServiceError, app::App, corpora::named};
use lectern_domain::{
    Invalid,
    access::{Principal, Scope},
    collection::{Collection, CollectionRef},
    fields::resolve,
    filter::Filter,
    ids::CollectionId,
    search::{Method, Side},
};
use std::collections::HashMap;

/// How deep pages go: the most passages before and in one.
pub const DEEPEST: usize = 1_000;

/// A search of which a page is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// The question.
    pub text: String,
    /// How to search; none takes hybrid where there are vectors.
    pub method: Option<Method>,
    /// The collections to search; none takes the default one, which need not exist.
    pub collections: Option<Vec<CollectionRef>>,
    /// The most passages of the page.
    pub limit: usize,
    /// How many better ones come before it.
    pub offset: usize,
    /// The least score of a passage, as the method scores.
    pub least_score: Option<f32>,
    /// What a passage must satisfy, with values as the caller wrote them.
    pub filter: Option<Filter>,
}

/// A page of passages.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultsPage {
    /// How it searched: a hybrid search without a model is a lexical one.
    pub method: Method,
    /// The index that could not be asked, so that what only it would have found is missing.
    pub degraded: Option<Side>,
    /// The passages, best first.
    pub passages: Vec<Found>,
    /// Their collections.
    pub collections: HashMap<CollectionId, Collection>,
    /// Whether there are more after them.
    pub has_more: bool,
}

/// Searches on behalf of `who`.
///
/// # Errors
/// [`ServiceError::EmptyQuery`], [`ServiceError::UnknownCollection`], [`ServiceError::NoEmbeddings`] and, as [`ServiceError::Invalid`], a limit beyond
/// the settings', a page that lies too deep and a filter that does not fit the collections; failures of the database, the engines and the model.
pub async fn page(app: &App, who: Principal, request: PageRequest) -> Result<ResultsPage, ServiceError> {
    if request.text.trim().is_empty() {
        return Err(ServiceError::EmptyQuery);
    }
    if request.limit > app.search_limit {
        return Err(Invalid::new("limit", format!("it is at most {}", app.search_limit)).into());
    }
    if request.offset.saturating_add(request.limit) > DEEPEST {
        return Err(Invalid::new("offset", format!("offset and limit are together at most {DEEPEST}")).into());
    }
    let must_exist = request.collections.is_some();
    let named = request.collections.unwrap_or_else(|| vec![CollectionRef::Shared(app.default_collection.clone())]);
    let found = match app.bridge.read(move |conn| named::all(conn, who, &named)).await {
        // Nothing was loaded yet.
        Err(ServiceError::UnknownCollection(_)) if !must_exist => Vec::new(),
        found => found?,
    };
    let (mut collections, mut once) = (HashMap::new(), Vec::new());
    for (collection, generation) in found {
        if collections.insert(collection.id, collection.clone()).is_none() {
            once.push((collection, generation));
        }
    }
    let scope = Scope::readable(who, once);
    let declared: Vec<_> = scope.generations().iter().map(|generation| &generation.fields).collect();
    let filter = request.filter.filter(|_| !declared.is_empty()).map(|filter| resolve(filter, &declared)).transpose()?;
    let search = SearchRequest {
        text: request.text,
        method: request.method,
        collections: None,
        // One more tells whether there are more.
        limit: request.offset + request.limit + 1,
        by_document: false,
        filter,
        prefer: Vec::new(),
        fuzzy: false,
    };
    if scope.generations().is_empty() {
        return Ok(ResultsPage { method: Method::Lexical, degraded: None, passages: Vec::new(), collections, has_more: false });
    }
    let results = search_within(app, &scope, &search).await?;
    let good = |found: &Found| request.least_score.is_none_or(|least| found.score >= least);
    let mut passages: Vec<Found> = results.passages.into_iter().take_while(good).skip(request.offset).collect();
    let has_more = passages.len() > request.limit;
    passages.truncate(request.limit);
    Ok(ResultsPage { method: results.method, degraded: results.degraded, passages, collections, has_more })
}
