//! Changes to the points of a collection.

use super::{client::Call, collections::Collections, layout::VECTOR, order::number};
use crate::{Batch, Rejected, StoreError, VectorEntry, rest::groups};
use lectern_domain::ids::{ChunkId, GenerationId};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, VecDeque};
use uuid::Uuid;

/// The most ids of one request.
const MOST_IDS: usize = 1_000;

/// A point, as the request has it.
struct Put {
    chunk: ChunkId,
    body: Vec<u8>,
}

#[derive(Serialize)]
struct Point<'a> {
    id: Uuid,
    vector: BTreeMap<&'static str, &'a [f32]>,
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct Payload<'a> {
    sid: &'a str,
    source: Option<&'a str>,
    document: i32,
    facts: Vec<String>,
    order: Vec<i64>,
    digest: String,
    seq: i64,
}

/// The number that a point came with.
#[derive(Deserialize)]
struct Numbered {
    id: Uuid,
    payload: Number,
}

#[derive(Deserialize)]
struct Number {
    seq: i64,
}

impl Collections {
    /// Removes and puts what is not newer in the collection, each chunk's last put, in requests of bounded size.
    ///
    /// # Errors
    /// [`StoreError`] where the store fails or has no time, even after a few tries; what was sent until then may be there.
    pub(super) async fn change(&self, generation: GenerationId, batch: Batch<VectorEntry>) -> Result<Vec<Rejected>, StoreError> {
        let last: HashMap<ChunkId, &VectorEntry> = batch.puts.iter().map(|entry| (entry.chunk, entry)).collect();
        // A put replaces what is there, so nothing has to be removed first.
        let removes: Vec<ChunkId> = batch.removes.into_iter().filter(|chunk| !last.contains_key(chunk)).collect();
        for chunks in removes.chunks(MOST_IDS) {
            self.remove(generation, batch.seq, chunks).await?;
        }
        let mut entries: Vec<&VectorEntry> = last.into_values().collect();
        entries.sort_unstable_by_key(|entry| entry.chunk);
        let puts = entries.into_iter().map(|entry| self.put(entry, batch.seq)).collect::<Result<Vec<_>, _>>()?;
        let mut groups = VecDeque::from(groups(puts, |put| put.body.len()));
        let mut rejected = Vec::new();
        while let Some(mut group) = groups.pop_front() {
            self.keep_newer(generation, batch.seq, &mut group).await?;
            let Some(first) = group.first() else { continue };
            let chunk = first.chunk;
            let mut call = Call::new(Method::PUT, format!("/collections/{}/points?wait=true", self.name(generation)));
            call.body = Some(("application/json", body(&group)));
            let answer = self.client.send(&call).await?;
            match answer.status {
                413 if group.len() > 1 => {
                    let second = group.split_off(group.len() / 2);
                    groups.push_front(second);
                    groups.push_front(group);
                }
                413 => rejected.push(Rejected { chunk, reason: "it is longer than the store takes".to_owned() }),
                _ => self.taken(generation, &answer)?,
            }
        }
        Ok(rejected)
    }

    async fn remove(&self, generation: GenerationId, seq: i64, chunks: &[ChunkId]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = chunks.iter().map(|chunk| chunk.0).collect();
        let older = json!({ "must": [{ "has_id": ids }, { "key": "seq", "range": { "lt": seq } }] });
        let path = format!("/collections/{}/points/delete?wait=true", self.name(generation));
        let answer = self.client.send(&Call::new(Method::POST, path).json(&json!({ "filter": older }))).await?;
        self.taken(generation, &answer)
    }

    fn put(&self, entry: &VectorEntry, seq: i64) -> Result<Put, StoreError> {
        let document = &entry.document;
        let facts = document.facts();
        // Nothing is near a vector of length zero: the point is there without it.
        let near = entry.vector.iter().any(|component| *component != 0.0);
        let point = Point {
            id: entry.chunk.0,
            vector: near.then_some((VECTOR, entry.vector.as_slice())).into_iter().collect(),
            payload: Payload {
                sid: &document.external_id,
                source: document.source.as_deref(),
                document: document.id.0,
                order: facts.iter().filter_map(|fact| number(fact)).collect(),
                facts,
                digest: entry.digest().to_hex(),
                seq,
            },
        };
        let body = serde_json::to_vec(&point)
            .map_err(|error| StoreError::Engine { what: "a point can't be written as JSON".to_owned(), source: Box::new(error) })?;
        Ok(Put { chunk: entry.chunk, body })
    }

    /// Leaves out the puts whose chunks are there with a higher number.
    async fn keep_newer(&self, generation: GenerationId, seq: i64, puts: &mut Vec<Put>) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = puts.iter().map(|put| put.chunk.0).collect();
        let ask = json!({ "ids": ids, "with_payload": ["seq"], "with_vector": false });
        let call = Call::new(Method::POST, format!("/collections/{}/points", self.name(generation))).json(&ask);
        let found: Option<Vec<Numbered>> = self.client.found(&call).await?;
        let found = found.ok_or_else(|| self.gone(generation))?;
        let newer: Vec<Uuid> = found.into_iter().filter(|point| point.payload.seq > seq).map(|point| point.id).collect();
        puts.retain(|put| !newer.contains(&put.chunk.0));
        Ok(())
    }
}

/// The body of a request that puts points.
fn body(puts: &[Put]) -> Vec<u8> {
    let mut body = b"{\"points\":[".to_vec();
    for (n, put) in puts.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&put.body);
    }
    body.extend_from_slice(b"]}");
    body
}
