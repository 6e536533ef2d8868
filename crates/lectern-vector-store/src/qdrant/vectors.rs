//! Vectors in the store.

use super::{
    client::Call,
    collections::{AT_ONCE, Collections},
    layout::{MOST_DIMENSIONS, VECTOR},
    options::Quantization,
    query::condition,
};
use crate::{
    Batch, Position, Rejected, StoreError, StoreFuture, VectorEntry, VectorIndex, VectorQuery, best_first, check_vectors, length,
    ranking::MOST_HITS,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, GenerationId},
    search::Hit,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The fewest candidates that are looked at in each collection.
const CANDIDATES: usize = 200;

/// How many more quantized vectors are looked at than hits are wanted, before whole ones decide.
const OVERSAMPLING: f32 = 3.0;

/// The collections, as an index.
pub(super) struct Vectors(pub(super) Arc<Collections>);

/// A search of one collection.
#[derive(Serialize)]
struct Nearest<'a> {
    query: &'a [f32],
    using: &'static str,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Value>,
    params: Value,
    with_payload: bool,
    with_vector: bool,
}

#[derive(Deserialize)]
struct Found {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    id: Uuid,
    score: f32,
}

impl Vectors {
    /// What is asked of each collection, as JSON.
    fn ask(&self, query: &VectorQuery, limit: usize) -> Result<Vec<u8>, StoreError> {
        let mut params = json!({ "hnsw_ef": (limit * 4).clamp(CANDIDATES, MOST_HITS) });
        if self.0.making.quantization != Quantization::None {
            params["quantization"] = json!({ "rescore": true, "oversampling": OVERSAMPLING });
        }
        let nearest = Nearest {
            query: &query.vector,
            using: VECTOR,
            limit,
            filter: query.filter.as_ref().map(condition),
            params,
            with_payload: false,
            with_vector: false,
        };
        serde_json::to_vec(&nearest)
            .map_err(|error| StoreError::Engine { what: "a question can't be written as JSON".to_owned(), source: Box::new(error) })
    }

    /// The hits of one collection. One that is not there holds nothing yet.
    async fn nearest(&self, generation: GenerationId, ask: Vec<u8>) -> Result<Vec<Hit>, StoreError> {
        let mut call = Call::new(Method::POST, format!("/collections/{}/points/query", self.0.name(generation))).urgent();
        call.body = Some(("application/json", ask));
        let found: Option<Found> = self.0.client.found(&call).await?;
        let points = found.map(|found| found.points).unwrap_or_default();
        Ok(points.into_iter().map(|point| Hit { chunk: ChunkId(point.id), score: point.score }).collect())
    }
}

impl VectorIndex for Vectors {
    fn most_dimensions(&self) -> u32 {
        MOST_DIMENSIONS
    }

    fn check<'a>(&'a self, generations: &'a [Generation]) -> StoreFuture<'a, ()> {
        Box::pin(self.0.check(generations))
    }

    fn search<'a>(&'a self, scope: &'a Scope, query: &'a VectorQuery) -> StoreFuture<'a, Vec<Hit>> {
        Box::pin(async move {
            let mut generations = Vec::new();
            for generation in scope.generations() {
                let Some(model) = &generation.model else { continue };
                let (expected, found) = (model.spec.dimensions, length(&query.vector));
                if expected != found {
                    return Err(StoreError::Dimensions { expected, found });
                }
                generations.push(generation.id);
            }
            let limit = query.limit.min(MOST_HITS);
            // Nothing is near a vector of length zero.
            if limit == 0 || generations.is_empty() || query.vector.iter().all(|component| *component == 0.0) {
                return Ok(Vec::new());
            }
            let ask = self.ask(query, limit)?;
            let found = stream::iter(generations).map(|generation| self.nearest(generation, ask.clone()));
            let mut hits: Vec<Hit> = found.buffered(AT_ONCE).try_concat().await?;
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
            self.0.ensure(generation).await?;
            self.0.change(generation.id, batch).await
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

    fn flush<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Option<Cursor>> {
        Box::pin(async move {
            Ok(match self.0.position(generation).await? {
                Position::At(cursor) => Some(cursor),
                Position::Empty => None,
            })
        })
    }

    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position> {
        Box::pin(self.0.position(generation))
    }

    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()> {
        Box::pin(self.0.clear(generation))
    }

    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()> {
        Box::pin(self.0.discard(generation))
    }
}
