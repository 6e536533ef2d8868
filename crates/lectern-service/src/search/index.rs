//! Search as the reference's `POST /indexes` does: chunks by words and vectors, sheets by words.

use super::{Found, SearchRequest, search, sheets, unavailable};
use crate::{ServiceError, accounts::Caller, app::App, conversations::permitted};
use lectern_domain::{
    access::may_run_stream,
    collection::{CollectionName, CollectionRef},
    document::Document,
    fields::INSTITUTION,
    filter::{Field, Filter},
    ids::StreamId,
    search::{Method, Side},
};
use lectern_persistence::repo::{chunks::VisibleChunk, streams};
use serde_json::Value;
use std::collections::HashMap;

/// The collection that the index `experiences` stands for.
const EXPERIENCES: &str = "experiences";

/// Which of the reference's indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// The documents of the collection `experiences`, where there is one.
    Experiences,
    /// The documents of the default collection.
    Sheets,
    /// The chunks of the default collection.
    Chunks,
}

/// What to search for.
#[derive(Debug, Clone)]
pub struct IndexQuery {
    /// Which index.
    pub index: Index,
    /// The question.
    pub text: String,
    /// Whether what its acronyms stand for is searched for too.
    pub expand_acronyms: bool,
    /// The most hits.
    pub limit: usize,
    /// Only these sources; all where empty.
    pub sources: Vec<String>,
    /// Only documents with this [`INSTITUTION`]; all where none or an empty one is given.
    pub institution: Option<String>,
    /// Documents or chunks to put on top.
    pub should_sids: Vec<String>,
    /// Documents or chunks to leave out.
    pub must_not_sids: Vec<String>,
    /// The stream on whose behalf: it keeps the documents that were found.
    pub stream: Option<StreamId>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexHit {
    /// A chunk.
    Chunk(VisibleChunk),
    /// A document.
    Sheet(Document),
}

/// What was found, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Indexed {
    /// The chunks or documents.
    pub hits: Vec<IndexHit>,
    /// The index that could not be asked.
    pub degraded: Option<Side>,
}

/// Searches.
///
/// # Errors
/// [`ServiceError::StreamNotFound`] and [`ServiceError::Forbidden`] for the stream, and failures of the search.
pub async fn index(app: &App, caller: &Caller, query: IndexQuery) -> Result<Indexed, ServiceError> {
    let stream = query.stream;
    let found = find(app, caller, query).await.map_err(unavailable)?;
    if let Some(id) = stream {
        let sids = found.hits.iter().map(IndexHit::sid).map(str::to_owned).collect();
        keep(app, caller, id, sids).await?;
    }
    Ok(found)
}

impl IndexHit {
    /// The external id of its document.
    fn sid(&self) -> &str {
        match self {
            Self::Chunk(chunk) => &chunk.external_id,
            Self::Sheet(sheet) => sheet.content.external_id.as_str(),
        }
    }
}

async fn find(app: &App, caller: &Caller, query: IndexQuery) -> Result<Indexed, ServiceError> {
    let nothing = || Indexed { hits: Vec::new(), degraded: None };
    let collection = match query.index {
        Index::Experiences => CollectionName::try_from(EXPERIENCES.to_owned())?,
        Index::Sheets | Index::Chunks => app.default_collection.clone(),
    };
    let limit = query.limit.min(app.search_limit);
    if limit == 0 || query.text.trim().is_empty() {
        return Ok(nothing());
    }
    let by_document = query.index != Index::Chunks;
    let left_out = query.must_not_sids;
    let text = if query.expand_acronyms { app.acronyms.expand(&query.text) } else { query.text };
    let request = SearchRequest {
        text,
        method: by_document.then_some(Method::Lexical),
        collections: Some(vec![CollectionRef::Shared(collection)]),
        // Chunks can be left out by their own ids too, which no index filters by: as many more are asked for.
        limit: if by_document { limit } else { limit + left_out.len().min(app.search_limit) },
        by_document,
        filter: filter(query.sources, query.institution, &left_out),
        prefer: query.should_sids,
        fuzzy: false,
    };
    let results = match search(app, caller.principal(), &request).await {
        Ok(results) => results,
        // Nothing was loaded yet.
        Err(ServiceError::UnknownCollection(_)) => return Ok(nothing()),
        Err(error) => return Err(error),
    };
    let degraded = results.degraded;
    if by_document {
        return Ok(Indexed { hits: documents(app, results.passages).await?, degraded });
    }
    let shown = results.passages.into_iter().map(|found| found.chunk).filter(|chunk| !left_out.contains(&chunk.id.to_string()));
    Ok(Indexed { hits: shown.take(limit).map(IndexHit::Chunk).collect(), degraded })
}

fn filter(sources: Vec<String>, institution: Option<String>, left_out: &[String]) -> Option<Filter> {
    let texts = |values: Vec<String>| values.into_iter().map(Value::String).collect::<Vec<_>>();
    let sources = (!sources.is_empty()).then(|| Filter::In(Field::Source, texts(sources)));
    let field = || Field::Metadata(INSTITUTION.to_owned());
    let institution = institution.filter(|name| !name.is_empty()).map(|name| Filter::In(field(), texts(vec![name])));
    let left_out = (!left_out.is_empty()).then(|| Filter::Not(Box::new(Filter::In(Field::ExternalId, texts(left_out.to_vec())))));
    let conditions: Vec<Filter> = [sources, institution, left_out].into_iter().flatten().collect();
    (!conditions.is_empty()).then_some(Filter::All(conditions))
}

/// The whole documents of the passages, in their order.
async fn documents(app: &App, passages: Vec<Found>) -> Result<Vec<IndexHit>, ServiceError> {
    let collections: Vec<_> = passages.iter().map(|found| found.chunk.collection).collect();
    let ids: Vec<String> = passages.iter().map(|found| found.chunk.external_id.clone()).collect();
    let found = sheets::of_collections(app, collections, ids.clone()).await?;
    let mut found: HashMap<String, Document> =
        found.into_iter().map(|document| (document.content.external_id.as_str().to_owned(), document)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).map(IndexHit::Sheet).collect())
}

/// Keeps what was found with the stream.
async fn keep(app: &App, caller: &Caller, id: StreamId, sids: Vec<String>) -> Result<(), ServiceError> {
    let who = caller.principal();
    app.bridge
        .write(move |tx| {
            permitted::stream(tx.conn(), who, id, may_run_stream)?;
            Ok(streams::keep_search(tx.conn(), id, sids)?)
        })
        .await
}
