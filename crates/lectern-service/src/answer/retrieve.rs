//! The passages for a question, numbered, in the two forms that models take.

use crate::{
    ServiceError,
    app::App,
    search::{Found, SearchRequest, scope, search_within},
};
use lectern_domain::{access::Principal, collection::CollectionRef, filter::Filter, language::Language, search::Side};
use lectern_llm::SourcePassage;
use std::collections::HashMap;

/// What was found for a question.
pub(super) struct Retrieved {
    /// The passages, best first; a passage's number is its place, from 1.
    pub(super) passages: Vec<Found>,
    /// The same for a model that answers from passages alone.
    pub(super) sources: Vec<SourcePassage>,
    /// The language of most of them.
    pub(super) language: Language,
    /// The index that could not be asked.
    pub(super) degraded: Option<Side>,
}

/// What to look for.
pub(super) struct Query {
    pub(super) text: String,
    /// None stands for the default one, which need not exist.
    pub(super) collections: Option<Vec<CollectionRef>>,
    pub(super) limit: usize,
    pub(super) filter: Option<Filter>,
    pub(super) prefer: Vec<String>,
}

/// Searches, by words and by vectors where there are any.
pub(super) async fn retrieve(app: &App, who: Principal, query: Query) -> Result<Retrieved, ServiceError> {
    let must_exist = query.collections.is_some();
    let named = query.collections.unwrap_or_else(|| vec![CollectionRef::Shared(app.default_collection.clone())]);
    let request = SearchRequest {
        text: query.text,
        method: None,
        collections: None,
        limit: query.limit,
        by_document: false,
        filter: query.filter,
        prefer: query.prefer,
        fuzzy: false,
    };
    let scope = match scope(app, who, Some(named)).await {
        // Nothing was loaded yet.
        Err(ServiceError::UnknownCollection(_)) if !must_exist => None,
        scope => Some(scope?),
    };
    let (passages, degraded) = match &scope {
        Some(scope) => {
            let results = search_within(app, scope, &request).await?;
            (results.passages, results.degraded)
        }
        None => (Vec::new(), None),
    };
    let generations = scope.iter().flat_map(|scope| scope.generations());
    let languages: HashMap<_, _> = generations.map(|generation| (generation.collection, generation.language)).collect();
    let of = |found: &Found| languages.get(&found.chunk.collection).copied();
    let mut counts: HashMap<Language, usize> = HashMap::new();
    for language in passages.iter().filter_map(of).chain(languages.values().copied().take(usize::from(passages.is_empty()))) {
        *counts.entry(language).or_default() += 1;
    }
    let language = counts.into_iter().max_by_key(|&(language, count)| (count, language)).map_or(Language::Fr, |(language, _)| language);
    let sources = passages
        .iter()
        .map(|found| SourcePassage {
            chunk: found.chunk.id,
            title: found.chunk.title.clone(),
            heading: found.chunk.heading.clone(),
            text: found.chunk.text.clone(),
            language: of(found).unwrap_or(language),
        })
        .collect();
    Ok(Retrieved { passages, sources, language, degraded })
}
