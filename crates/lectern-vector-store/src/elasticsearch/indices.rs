//! The indexes of one kind: made, emptied, dropped, asked how far they are.

use super::{
    bulk::{Applied, Changes},
    client::{Answer, Call, Client},
    layout::{Kind, LAYOUT},
    server::MOST_DIMENSIONS,
    wire::Found,
};
use crate::{Batch, Position, Rejected, StoreError, rest::difference};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{ChunkId, EntryId, GenerationId},
    search::Hit,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// The document of an index that holds the follower's place. No search finds it: it has none of the fields that are searched.
const CURSOR: &str = "cursor";

/// The most indexes that one request names: the store takes paths of 4,096 bytes.
const NAMES: usize = 32;

/// Requests of one search that are under way at once.
const AT_ONCE: usize = 4;

/// The indexes of one kind.
pub(super) struct Indices {
    pub(super) client: Arc<Client>,
    kind: Kind,
    base: String,
    /// Those that are there, as far as this process has seen.
    there: Mutex<HashSet<GenerationId>>,
}

/// The follower's place, as the index keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    seq: i64,
    entry: Uuid,
}

impl Indices {
    pub(super) fn new(client: Arc<Client>, kind: Kind, base: &str) -> Self {
        Self { client, kind, base: base.to_owned(), there: Mutex::default() }
    }

    /// The name through which a generation's index is asked.
    pub(super) fn alias(&self, generation: GenerationId) -> String {
        format!("{}-g{generation}-{}", self.base, self.kind.word())
    }

    /// The name of the index itself.
    fn name(&self, generation: GenerationId) -> String {
        format!("{}-v{LAYOUT}", self.alias(generation))
    }

    fn there(&self) -> MutexGuard<'_, HashSet<GenerationId>> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the store, and the indexes that are there, with what is expected.
    pub(super) async fn check(&self, generations: &[Generation]) -> Result<(), StoreError> {
        self.client.recognise(self.kind == Kind::Vectors).await?;
        let path = format!("/{}-g*-{}-v{LAYOUT}?expand_wildcards=all", self.base, self.kind.word());
        let found: HashMap<String, Value> = self.client.get(&Call::new(Method::GET, path).urgent()).await?;
        for generation in generations {
            self.check_model(generation)?;
            let name = self.name(generation.id);
            let (Some(layout), Some(found)) = (self.kind.layout(generation), found.get(&name)) else { continue };
            // What may be set while an index is open is its operator's to set.
            let wrong = ["/mappings", "/settings/index/analysis"].into_iter().find_map(|part| {
                let expected = layout.pointer(part)?;
                difference(expected, found.pointer(part).unwrap_or(&Value::Null))
            });
            if let Some(wrong) = wrong {
                return Err(StoreError::Mismatch(format!(
                    "the index {name} of {} is not one that this version made: {wrong}. Delete it, and it is filled anew",
                    self.client.url()
                )));
            }
        }
        Ok(())
    }

    fn check_model(&self, generation: &Generation) -> Result<(), StoreError> {
        match &generation.model {
            Some(model) if self.kind == Kind::Vectors && model.spec.dimensions > MOST_DIMENSIONS => Err(StoreError::Mismatch(format!(
                "the vectors of {} have {} components, and Elasticsearch indexes at most {MOST_DIMENSIONS}",
                model.spec.name, model.spec.dimensions
            ))),
            _ => Ok(()),
        }
    }

    /// How far an index is; asking makes known whether it is there.
    pub(super) async fn position(&self, generation: &Generation) -> Result<Position, StoreError> {
        #[derive(Deserialize)]
        struct Document {
            _source: Source,
        }
        #[derive(Deserialize)]
        struct Source {
            cursor: Place,
        }
        let path = format!("/{}/_doc/{CURSOR}", self.alias(generation.id));
        let answer = self.client.send(&Call::new(Method::GET, path).urgent()).await?;
        if answer.is_missing() {
            self.there().remove(&generation.id);
            return Ok(Position::Empty);
        }
        let document: Document = self.success(&answer)?;
        self.there().insert(generation.id);
        let Place { seq, entry } = document._source.cursor;
        Ok(Position::At(Cursor { seq, entry: EntryId(entry) }))
    }

    /// Sends changes; `document` makes the entry that the store keeps of a chunk. Tells what it does not take.
    pub(super) async fn change<Entry>(
        &self,
        generation: &Generation,
        batch: Batch<Entry>,
        document: impl Fn(&Entry) -> (ChunkId, Value),
    ) -> Result<Vec<Rejected>, StoreError> {
        self.ensure(generation).await?;
        let mut changes = Changes::new(batch.seq);
        batch.removes.into_iter().for_each(|chunk| changes.remove(chunk));
        for entry in &batch.puts {
            let (chunk, document) = document(entry);
            changes.put(chunk, &document);
        }
        match changes.send(&self.client, &self.alias(generation.id)).await? {
            Applied::Taken(rejected) => Ok(rejected),
            Applied::Gone => Err(self.gone(generation.id)),
        }
    }

    /// Makes what was written visible, then keeps the follower's place.
    pub(super) async fn commit(&self, generation: &Generation, cursor: Cursor) -> Result<(), StoreError> {
        self.ensure(generation).await?;
        let alias = self.alias(generation.id);
        let refreshed = self.client.send(&Call::new(Method::POST, format!("/{alias}/_refresh"))).await?;
        self.not_gone(generation.id, &refreshed)?;
        self.success::<Value>(&refreshed)?;
        let path = format!("/{alias}/_doc/{CURSOR}?require_alias=true&version_type=external_gte&version={}", cursor.seq);
        let place = json!({ "cursor": Place { seq: cursor.seq, entry: cursor.entry.0 } });
        let kept = self.client.send(&Call::new(Method::PUT, path).json(&place)).await?;
        self.not_gone(generation.id, &kept)?;
        // Another process has come further with this index.
        if kept.status != 409 {
            self.success::<Value>(&kept)?;
        }
        Ok(())
    }

    /// Makes the index where it is not there.
    pub(super) async fn ensure(&self, generation: &Generation) -> Result<(), StoreError> {
        if self.there().contains(&generation.id) {
            return Ok(());
        }
        let found = self.client.send(&Call::new(Method::HEAD, format!("/_alias/{}", self.alias(generation.id)))).await?;
        if found.is_missing() {
            return self.create(generation).await;
        }
        self.there().insert(generation.id);
        Ok(())
    }

    async fn create(&self, generation: &Generation) -> Result<(), StoreError> {
        self.check_model(generation)?;
        let Some(mut layout) = self.kind.layout(generation) else { return Ok(()) };
        layout["aliases"] = json!({ self.alias(generation.id): {} });
        let made = self.client.send(&Call::new(Method::PUT, format!("/{}", self.name(generation.id))).json(&layout)).await?;
        // A try whose answer was lost made it, or another process did.
        let exists = made.status == 400 && String::from_utf8_lossy(&made.body).contains("resource_already_exists_exception");
        if !exists {
            self.success::<Value>(&made)?;
        }
        self.there().insert(generation.id);
        Ok(())
    }

    /// Empties the index.
    pub(super) async fn clear(&self, generation: &Generation) -> Result<(), StoreError> {
        self.drop(generation.id).await?;
        self.create(generation).await
    }

    /// Drops the index, if it is there.
    pub(super) async fn drop(&self, generation: GenerationId) -> Result<(), StoreError> {
        self.there().remove(&generation);
        let path = format!("/{}?ignore_unavailable=true", self.name(generation));
        let dropped = self.client.send(&Call::new(Method::DELETE, path)).await?;
        if dropped.is_missing() {
            return Ok(());
        }
        self.success::<Value>(&dropped).map(drop)
    }

    /// Sends one search to the indexes of several generations, and gives the hits in no order. One that is not there holds nothing yet.
    pub(super) async fn search(&self, generations: &[GenerationId], body: &Value) -> Result<Vec<Hit>, StoreError> {
        let aliases: Vec<String> = generations.iter().map(|generation| self.alias(*generation)).collect();
        let calls = aliases.chunks(NAMES).map(|names| {
            let path = format!("/{}/_search?ignore_unavailable=true&allow_partial_search_results=false", names.join(","));
            Call::new(Method::POST, path).json(body).urgent()
        });
        let found = stream::iter(calls.collect::<Vec<_>>()).map(async |call| {
            let found: Found = self.client.get(&call).await?;
            found.hits(self.client.name())
        });
        found.buffered(AT_ONCE).try_concat().await
    }

    /// Forgets an index that is not there any more: the follower asks for its place again, and fills it.
    fn gone(&self, generation: GenerationId) -> StoreError {
        self.there().remove(&generation);
        self.client.unavailable(format!("the index {} is gone, and is filled anew", self.alias(generation)))
    }

    fn not_gone(&self, generation: GenerationId, answer: &Answer) -> Result<(), StoreError> {
        if answer.is_missing() { Err(self.gone(generation)) } else { Ok(()) }
    }

    fn success<T: serde::de::DeserializeOwned>(&self, answer: &Answer) -> Result<T, StoreError> {
        if answer.is_success() { self.client.parse(answer) } else { Err(self.client.refused(answer)) }
    }
}
