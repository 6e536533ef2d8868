//! Words in the store.

use super::{
    indices::Indices,
    query::{composed, condition, words},
};
use crate::{
    Batch, Held, LexicalEntry, LexicalIndex, LexicalQuery, Position, Rejected, StoreFuture,
    ranking::{Found, MOST_HITS, merge, page},
};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use serde_json::{Value, json};

/// The indexes of words.
pub(super) struct Words(pub(super) Indices);

impl LexicalIndex for Words {
    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(self.0.check(generations))
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a LexicalQuery) -> StoreFuture<'a, Vec<Hit>> {
        Box::pin(async move {
            let limit = query.limit.min(MOST_HITS);
            let generations: Vec<GenerationId> = scope.generations().iter().map(|generation| generation.id).collect();
            if limit == 0 || generations.is_empty() {
                return Ok(Vec::new());
            }
            let words = words(&query.text, query.fuzzy);
            let matching = search(&words, query, limit);
            if query.prefer.is_empty() {
                let matching = self.0.search(&generations, &matching).await?;
                return Ok(merge(vec![Found { preferred: Vec::new(), matching }], limit));
            }
            let chosen = json!([{ "terms": { "hash": query.prefer } }, { "terms": { "sid": query.prefer } }]);
            let chosen = json!({ "bool": { "should": chosen, "minimum_should_match": 1 } });
            let preferred = search(&json!({ "bool": { "filter": [chosen], "should": [words] } }), query, limit);
            let (preferred, matching) =
                futures_util::try_join!(self.0.search(&generations, &preferred), self.0.search(&generations, &matching))?;
            Ok(merge(vec![Found { preferred, matching }], limit))
        })
    }

    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<LexicalEntry>) -> StoreFuture<'a, Vec<Rejected>> {
        Box::pin(self.0.change(generation, batch, |entry| (entry.chunk, document(entry))))
    }

    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Cursor> {
        Box::pin(async move { self.0.commit(generation, cursor).await.map(|()| cursor) })
    }

    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position> {
        Box::pin(self.0.position(generation))
    }

    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>> {
        Box::pin(self.0.held(generation.id, after, page(limit)))
    }

    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()> {
        Box::pin(self.0.clear(generation))
    }

    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()> {
        Box::pin(self.0.drop(generation))
    }
}

/// A search of the store: `ask` decides the scores, the question's filter only who takes part.
fn search(ask: &Value, query: &LexicalQuery, limit: usize) -> Value {
    let ask = match &query.filter {
        None => ask.clone(),
        Some(filter) => json!({ "bool": { "must": [ask], "filter": [condition(filter)] } }),
    };
    json!({ "query": ask, "size": limit, "_source": false, "track_total_hits": false })
}

fn document(entry: &LexicalEntry) -> Value {
    let document = &entry.document;
    json!({
        "hash": entry.chunk.to_string(),
        "sid": document.external_id,
        "source": document.source,
        "document": document.id.0,
        "facts": document.facts(),
        "digest": entry.digest().to_hex(),
        "title": composed(&document.title),
        "context": composed(&entry.heading),
        "text": composed(&entry.text),
    })
}
