//! Vectors in the store.

use super::{indices::Indices, query::condition, server::MOST_DIMENSIONS};
use crate::{
    Batch, Held, Near, Position, Rejected, StoreFuture, VectorEntry, VectorIndex, VectorQuery, best_first, check_vectors,
    ranking::{MOST_HITS, page},
};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use serde_json::{Value, json};

/// The fewest candidates that are looked at in each index; the reference looks at as many.
const CANDIDATES: usize = 200;

/// The indexes of vectors.
pub(super) struct Vectors(pub(super) Indices);

impl VectorIndex for Vectors {
    fn most_dimensions(&self) -> u32 {
        MOST_DIMENSIONS
    }

    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(self.0.check(generations))
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>> {
        Box::pin(async move {
            let Near { generations, limit } = query.near(scope)?;
            if generations.is_empty() {
                return Ok(Vec::new());
            }
            let generations: Vec<GenerationId> = generations.into_iter().map(|generation| generation.id).collect();
            let mut hits = self.0.search(&generations, &nearest(query, limit)).await?;
            // The store's scores are (1 + cosine) / 2.
            hits.iter_mut().for_each(|hit| hit.score = 2.0 * hit.score - 1.0);
            best_first(&mut hits);
            hits.truncate(limit);
            Ok(hits)
        })
    }

    fn apply<'a>(&'a self, generation: &'a Generation, batch: Batch<VectorEntry>) -> StoreFuture<'a, Vec<Rejected>> {
        Box::pin(async move {
            check_vectors(&batch.puts, generation.model.as_ref().map_or(0, |model| model.spec.dimensions))?;
            if generation.model.is_none() {
                return Ok(Vec::new());
            }
            self.0.change(generation, batch, |entry| (entry.chunk, document(entry))).await
        })
    }

    fn commit<'a>(&'a self, generation: &'a Generation, cursor: Cursor) -> StoreFuture<'a, Option<Cursor>> {
        Box::pin(async move {
            if generation.model.is_none() {
                return Ok(None);
            }
            self.0.commit(generation, cursor).await.map(|()| Some(cursor))
        })
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

fn nearest(query: &VectorQuery, limit: usize) -> Value {
    let mut knn = json!({
        "field": "embedding",
        "query_vector": query.vector,
        "k": limit,
        "num_candidates": (limit * 4).clamp(CANDIDATES, MOST_HITS),
    });
    if let Some(filter) = &query.filter {
        knn["filter"] = condition(filter);
    }
    json!({ "knn": knn, "size": limit, "_source": false, "track_total_hits": false })
}

fn document(entry: &VectorEntry) -> Value {
    let document = &entry.document;
    json!({
        "hash": entry.chunk.to_string(),
        "sid": document.external_id,
        "source": document.source,
        "document": document.id.0,
        "facts": document.facts(),
        "digest": entry.digest().to_hex(),
        "embedding": entry.vector,
    })
}
