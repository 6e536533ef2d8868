//! Vectors in the store.

use super::{
    client::Call,
    collections::{AT_ONCE, Collections},
    layout::{MOST_DIMENSIONS, VECTOR},
    options::Quantization,
    query::{condition, holds, is_exact},
};
use crate::{
    Batch, Held, Near, Position, Rejected, Snapshot, StoreError, StoreFuture, VectorEntry, VectorIndex, VectorQuery, best_first,
    check_vectors,
    ranking::{MOST_HITS, page},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::{
    access::Scope,
    change::Cursor,
    collection::Generation,
    facts::Condition,
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
    #[serde(skip_serializing_if = "is_zero")]
    offset: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Value>,
    params: Value,
    with_payload: Value,
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
    #[serde(default)]
    payload: Option<Words>,
}

#[derive(Deserialize)]
struct Words {
    facts: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A question to a collection.
struct Ask<'a> {
    vector: &'a [f32],
    limit: usize,
    condition: Option<Condition>,
    /// Whether hits have to be looked at again, because the store lets through more than the condition does.
    again: bool,
}

impl Vectors {
    /// The hits of one collection. One that is not there holds nothing yet.
    async fn nearest(&self, generation: GenerationId, ask: &Ask<'_>) -> Result<Vec<Hit>, StoreError> {
        if !ask.again {
            return Ok(self.points(generation, ask, ask.limit, 0).await?.iter().map(hit).collect());
        }
        let passes = |point: &Point| match (&ask.condition, &point.payload) {
            (Some(condition), Some(words)) => holds(condition, &words.facts),
            _ => false,
        };
        // Of what the store lets through, some may not pass: then more is looked at, up to a bound.
        let (mut hits, mut seen) = (Vec::new(), 0);
        let mut more = (ask.limit * 2).clamp(CANDIDATES, MOST_HITS);
        while hits.len() < ask.limit && seen < MOST_HITS {
            let points = self.points(generation, ask, more, seen).await?;
            hits.extend(points.iter().filter(|point| passes(point)).map(hit));
            if points.len() < more {
                break;
            }
            seen += more;
            more = (more * 2).min(MOST_HITS);
        }
        hits.truncate(ask.limit);
        Ok(hits)
    }

    async fn points(&self, generation: GenerationId, ask: &Ask<'_>, limit: usize, offset: usize) -> Result<Vec<Point>, StoreError> {
        let mut params = json!({ "hnsw_ef": (limit * 4).clamp(CANDIDATES, MOST_HITS) });
        if self.0.making.quantization != Quantization::None {
            params["quantization"] = json!({ "rescore": true, "oversampling": OVERSAMPLING });
        }
        let nearest = Nearest {
            query: ask.vector,
            using: VECTOR,
            limit,
            offset,
            filter: ask.condition.as_ref().map(condition),
            params,
            with_payload: if ask.again { json!(["facts"]) } else { json!(false) },
            with_vector: false,
        };
        let body = serde_json::to_vec(&nearest)
            .map_err(|error| StoreError::Engine { what: "a question can't be written as JSON".to_owned(), source: Box::new(error) })?;
        let mut call = Call::new(Method::POST, format!("/collections/{}/points/query", self.0.name(generation))).urgent();
        call.body = Some(("application/json", body));
        let found: Option<Found> = self.0.client.found(&call).await?;
        Ok(found.map(|found| found.points).unwrap_or_default())
    }
}

fn hit(point: &Point) -> Hit {
    Hit { chunk: ChunkId(point.id), score: point.score }
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
            let Near { generations, limit } = query.near(scope)?;
            if generations.is_empty() {
                return Ok(Vec::new());
            }
            let condition = query.filter.as_ref().map(Condition::of);
            let again = condition.as_ref().is_some_and(|condition| !is_exact(condition));
            let ask = Ask { vector: &query.vector, limit, condition, again };
            let generations: Vec<GenerationId> = generations.into_iter().map(|generation| generation.id).collect();
            let found = stream::iter(generations).map(|generation| self.nearest(generation, &ask));
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

    fn position<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Position> {
        Box::pin(self.0.position(generation))
    }

    fn held<'a>(&'a self, generation: &'a Generation, after: Option<ChunkId>, limit: usize) -> StoreFuture<'a, Vec<Held>> {
        Box::pin(self.0.held(generation.id, after, page(limit)))
    }

    fn snapshot<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, Option<Snapshot>> {
        Box::pin(self.0.snapshot(generation.id))
    }

    fn clear<'a>(&'a self, generation: &'a Generation) -> StoreFuture<'a, ()> {
        Box::pin(self.0.clear(generation))
    }

    fn drop_generation(&self, generation: GenerationId) -> StoreFuture<'_, ()> {
        Box::pin(self.0.discard(generation))
    }
}
