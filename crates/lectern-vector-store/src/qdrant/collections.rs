//! The collections: made, emptied, dropped, asked how far they are.

use super::{
    client::{Answer, Call, Client, connect},
    layout::{INDEXED, LAYOUT, MOST_DIMENSIONS, Making, PLACE, begun, finished, made_for},
    options::QdrantOptions,
};
use crate::{
    Position, Snapshot, StoreError,
    rest::{Patience, difference},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{EntryId, GenerationId, InstallationId},
    model::EmbeddingModelSpec,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Requests that are under way at once.
pub(super) const AT_ONCE: usize = 4;

/// The collections of an installation.
pub(super) struct Collections {
    pub(super) client: Client,
    pub(super) making: Making,
    base: String,
    /// Those that are there, as far as this process has seen.
    there: Mutex<HashSet<GenerationId>>,
}

/// The point that holds the follower's place.
#[derive(Debug, Deserialize)]
struct Place {
    payload: Placed,
}

/// Its payload; without a number, nothing was committed yet.
#[derive(Debug, Deserialize)]
struct Placed {
    lectern: Value,
    seq: Option<i64>,
    entry: Option<Uuid>,
}

impl Collections {
    pub(super) fn new(options: &QdrantOptions, installation: InstallationId) -> Result<Self, StoreError> {
        let base = format!("{}-{}", options.prefix, installation.0.simple());
        Ok(Self { client: connect(options)?, making: Making::new(options), base, there: Mutex::default() })
    }

    /// The name under which people find a generation's collection.
    fn alias(&self, generation: GenerationId) -> String {
        format!("{}-g{generation}-vectors", self.base)
    }

    /// The collection's own name.
    pub(super) fn name(&self, generation: GenerationId) -> String {
        format!("{}-v{LAYOUT}", self.alias(generation))
    }

    fn there(&self) -> MutexGuard<'_, HashSet<GenerationId>> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the store, and the collections that are there, with what is expected.
    pub(super) async fn check(&self, generations: &[Generation]) -> Result<(), StoreError> {
        #[derive(Deserialize)]
        struct Listed {
            collections: Vec<Named>,
        }
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        self.client.recognise().await?;
        let listed: Listed = self.client.result(&Call::new(Method::GET, "/collections").urgent()).await?;
        let names: HashSet<String> = listed.collections.into_iter().map(|named| named.name).collect();
        let mut there = Vec::new();
        for generation in generations {
            let Some(model) = &generation.model else { continue };
            check_model(&model.spec)?;
            if names.contains(&self.name(generation.id)) {
                there.push((generation.id, model.spec.clone()));
            }
        }
        let checks = stream::iter(there).map(|(generation, spec)| self.check_collection(generation, spec));
        checks.buffered(AT_ONCE).try_collect().await
    }

    async fn check_collection(&self, generation: GenerationId, spec: EmbeddingModelSpec) -> Result<(), StoreError> {
        let name = self.name(generation);
        // Asked for first: the place is what a collection gets last.
        let place = self.place(generation).await?;
        let Some(found) = self.client.found::<Value>(&Call::new(Method::GET, format!("/collections/{name}")).urgent()).await? else {
            return Ok(());
        };
        // One that was not finished is finished by the next change.
        let lacks = |place: Place| difference(&finished(), &found).or_else(|| difference(&made_for(&spec), &place.payload.lectern));
        match difference(&begun(&spec), &found).or_else(|| place.and_then(lacks)) {
            None => Ok(()),
            Some(wrong) => Err(StoreError::Mismatch(format!(
                "the collection {name} of {} is not one that this version made: {wrong}. Delete it, and it is filled anew",
                self.client.url()
            ))),
        }
    }

    async fn place(&self, generation: GenerationId) -> Result<Option<Place>, StoreError> {
        let path = format!("/collections/{}/points/{PLACE}", self.name(generation));
        self.client.found(&Call::new(Method::GET, path).urgent()).await
    }

    /// How far a collection is; asking makes known whether it is there.
    pub(super) async fn position(&self, generation: &Generation) -> Result<Position, StoreError> {
        if generation.model.is_none() {
            return Ok(Position::Empty);
        }
        let Some(Place { payload }) = self.place(generation.id).await? else {
            self.there().remove(&generation.id);
            return Ok(Position::Empty);
        };
        self.there().insert(generation.id);
        Ok(match (payload.seq, payload.entry) {
            (Some(seq), Some(entry)) => Position::At(Cursor { seq, entry: EntryId(entry) }),
            _ => Position::Empty,
        })
    }

    /// Keeps the follower's place, unless another process has come further with this collection.
    pub(super) async fn commit(&self, generation: &Generation, cursor: Cursor) -> Result<(), StoreError> {
        self.ensure(generation).await?;
        let path = format!("/collections/{}/points/payload?wait=true", self.name(generation.id));
        let not_further = json!([{ "is_empty": { "key": "seq" } }, { "key": "seq", "range": { "lte": cursor.seq } }]);
        let body = json!({
            "payload": { "seq": cursor.seq, "entry": cursor.entry.0 },
            "filter": { "must": [{ "has_id": [PLACE] }], "should": not_further },
        });
        let kept = self.client.send(&Call::new(Method::POST, path).json(&body)).await?;
        self.taken(generation.id, &kept)
    }

    /// Makes the collection where it is not there.
    pub(super) async fn ensure(&self, generation: &Generation) -> Result<(), StoreError> {
        if self.there().contains(&generation.id) {
            return Ok(());
        }
        if self.place(generation.id).await?.is_none() {
            return self.create(generation).await;
        }
        self.there().insert(generation.id);
        Ok(())
    }

    /// Each step may find that it was done before: by a try whose answer was lost, by another process, or by one that got no further.
    async fn create(&self, generation: &Generation) -> Result<(), StoreError> {
        let Some(model) = &generation.model else { return Ok(()) };
        check_model(&model.spec)?;
        let (name, id) = (self.name(generation.id), generation.id);
        let make = Call::new(Method::PUT, format!("/collections/{name}")).json(&self.making.collection(&model.spec));
        let made = self.client.send(&make).await?;
        if made.status != 409 {
            self.taken(id, &made)?;
        }
        for (field, kind) in INDEXED {
            let index = Call::new(Method::PUT, format!("/collections/{name}/index?wait=true"));
            let index = index.json(&json!({ "field_name": field, "field_schema": kind }));
            self.taken(id, &self.client.send(&index).await?)?;
        }
        let alias = json!({ "create_alias": { "collection_name": name, "alias_name": self.alias(id) } });
        let alias = Call::new(Method::POST, "/collections/aliases").json(&json!({ "actions": [alias] }));
        self.taken(id, &self.client.send(&alias).await?)?;
        let place = json!({ "id": PLACE, "vector": {}, "payload": { "lectern": made_for(&model.spec) } });
        let place = Call::new(Method::PUT, format!("/collections/{name}/points?wait=true")).json(&json!({ "points": [place] }));
        self.taken(id, &self.client.send(&place).await?)?;
        self.there().insert(id);
        Ok(())
    }

    /// Empties the collection.
    pub(super) async fn clear(&self, generation: &Generation) -> Result<(), StoreError> {
        self.discard(generation.id).await?;
        self.create(generation).await
    }

    /// Drops the collection with its alias, if it is there.
    pub(super) async fn discard(&self, generation: GenerationId) -> Result<(), StoreError> {
        self.there().remove(&generation);
        self.client.result::<bool>(&Call::new(Method::DELETE, format!("/collections/{}", self.name(generation)))).await.map(drop)
    }

    /// Has the store make a snapshot of the collection; none where it is not there.
    pub(super) async fn snapshot(&self, generation: GenerationId) -> Result<Option<Snapshot>, StoreError> {
        #[derive(Deserialize)]
        struct Made {
            name: String,
            size: u64,
        }
        let path = format!("collections/{}/snapshots", self.name(generation));
        let mut call = Call::new(Method::POST, format!("/{path}?wait=true"));
        call.patience = Patience::LONG;
        let made: Option<Made> = self.client.found(&call).await?;
        let base = self.client.url().trim_end_matches('/');
        Ok(made.map(|Made { name, size }| Snapshot { url: format!("{base}/{path}/{name}"), bytes: size }))
    }

    /// A change that was taken.
    pub(super) fn taken(&self, generation: GenerationId, answer: &Answer) -> Result<(), StoreError> {
        if answer.is_missing() {
            return Err(self.gone(generation));
        }
        if answer.is_success() { Ok(()) } else { Err(self.client.refused(answer)) }
    }

    /// Forgets a collection that is not there any more: the follower asks for its place again, and fills it.
    pub(super) fn gone(&self, generation: GenerationId) -> StoreError {
        self.there().remove(&generation);
        self.client.unavailable(format!("the collection {} is gone, and is filled anew", self.name(generation)))
    }
}

fn check_model(spec: &EmbeddingModelSpec) -> Result<(), StoreError> {
    if spec.dimensions > MOST_DIMENSIONS {
        return Err(StoreError::Mismatch(format!(
            "the vectors of {} have {} components, and Qdrant takes at most {MOST_DIMENSIONS}",
            spec.name, spec.dimensions
        )));
    }
    Ok(())
}
