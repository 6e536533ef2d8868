//! What a search found, in an answer.

use crate::routes::documents::{ChunkView, example_chunk};
use lectern_service::search::ResultsPage;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A page of what a search found, best first.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(super) struct ResultsView {
    object: &'static str,
    /// How it searched: a hybrid search without vectors is a lexical one.
    method: &'static str,
    data: Vec<ResultView>,
    has_more: bool,
}

/// A passage that was found.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchResult)]
struct ResultView {
    object: &'static str,
    /// Higher is better. Comparable within one answer: by words BM25, by meaning the cosine, by both the sum of `1 / (20 + rank)`.
    score: f32,
    chunk: ChunkView,
}

impl From<ResultsPage> for ResultsView {
    fn from(page: ResultsPage) -> Self {
        let ResultsPage { method, degraded: _, passages, collections, has_more } = page;
        let result = |found: lectern_service::search::Found| {
            let collection = collections.get(&found.chunk.collection)?;
            Some(ResultView { object: "search.result", score: found.score, chunk: ChunkView::new(found.chunk, collection) })
        };
        Self { object: "list", method: method.as_str(), data: passages.into_iter().filter_map(result).collect(), has_more }
    }
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    let found = json!({ "object": "search.result", "score": 2.31, "chunk": example_chunk() });
    json!({ "object": "list", "method": "lexical", "data": [found], "has_more": true })
}
