//! Many changes in one request, each of which is taken or not on its own.

use super::{
    client::{Call, Client},
    wire::{Bulk, Item},
};
use crate::{
    Rejected, StoreError,
    rest::{Patience, groups},
};
use lectern_domain::ids::ChunkId;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};

/// What became of the changes.
pub(super) enum Applied {
    /// All were taken but these.
    Taken(Vec<Rejected>),
    /// The index is not there any more.
    Gone,
}

/// One change, as the request has it.
struct Change {
    chunk: ChunkId,
    lines: Vec<u8>,
}

/// Changes to be sent, each chunk's last one.
pub(super) struct Changes {
    seq: i64,
    of: HashMap<ChunkId, Change>,
}

impl Changes {
    /// None yet, of a batch that reaches this entry of the log.
    pub(super) fn new(seq: i64) -> Self {
        Self { seq, of: HashMap::new() }
    }

    /// A chunk that is gone.
    pub(super) fn remove(&mut self, chunk: ChunkId) {
        self.add(chunk, "delete", self.seq * 2, None);
    }

    /// A chunk that is there.
    pub(super) fn put(&mut self, chunk: ChunkId, document: &Value) {
        // Of a removal and a put that reach the same entry, the put counts: rows tell that the chunk is there.
        self.add(chunk, "index", self.seq * 2 + 1, Some(document));
    }

    fn add(&mut self, chunk: ChunkId, operation: &str, version: i64, document: Option<&Value>) {
        let action = json!({ operation: { "_id": chunk.to_string(), "version": version, "version_type": "external_gte" } });
        let mut lines = action.to_string().into_bytes();
        lines.push(b'\n');
        if let Some(document) = document {
            lines.extend_from_slice(document.to_string().as_bytes());
            lines.push(b'\n');
        }
        self.of.insert(chunk, Change { chunk, lines });
    }

    /// Sends all of them through an alias, in requests of bounded size.
    ///
    /// # Errors
    /// [`StoreError`] where the store fails or has no time, even after a few tries; what was sent until then may be there.
    pub(super) async fn send(self, client: &Client, alias: &str) -> Result<Applied, StoreError> {
        let mut changes: Vec<Change> = self.of.into_values().collect();
        changes.sort_unstable_by_key(|change| change.chunk);
        let mut groups = VecDeque::from(groups(changes, |change| change.lines.len()));
        let mut rejected = Vec::new();
        while let Some(group) = groups.pop_front() {
            match send_group(client, alias, group, &mut rejected).await? {
                Outcome::Done => {}
                Outcome::Gone => return Ok(Applied::Gone),
                Outcome::TooLarge(mut group) => {
                    let second = group.split_off(group.len() / 2);
                    groups.push_front(second);
                    groups.push_front(group);
                }
            }
        }
        Ok(Applied::Taken(rejected))
    }
}

/// What became of a request.
enum Outcome {
    Done,
    Gone,
    /// It was longer than the store takes.
    TooLarge(Vec<Change>),
}

/// What is to be done about one change.
enum Fate {
    Done,
    Again(String),
    Gone,
    Rejected(String),
}

/// A change that is not there to be removed is removed; one that is older than what is there was overtaken.
fn fate(item: &Item) -> Fate {
    match item.status {
        404 if item.error.is_some() => Fate::Gone,
        200..300 | 404 | 409 => Fate::Done,
        // An index that somebody has locked against writes says 403 to each of them: that is nothing about a chunk.
        401 | 403 | 429 | 500.. => Fate::Again(item.reason()),
        _ => Fate::Rejected(item.reason()),
    }
}

/// Sends a group until each of its changes was taken or rejected.
async fn send_group(client: &Client, alias: &str, mut group: Vec<Change>, rejected: &mut Vec<Rejected>) -> Result<Outcome, StoreError> {
    let path = format!(
        "/{alias}/_bulk?require_alias=true&filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,\
         items.*.error.caused_by.reason"
    );
    for tries in 1.. {
        let mut call = Call::new(Method::POST, path.clone());
        let body = group.iter().flat_map(|change| change.lines.iter().copied()).collect();
        call.body = Some(("application/x-ndjson", body));
        let answer = client.send(&call).await?;
        match answer.status {
            413 if group.len() > 1 => return Ok(Outcome::TooLarge(group)),
            413 => {
                let reason = "it is longer than the store takes".to_owned();
                rejected.extend(group.iter().map(|change| Rejected { chunk: change.chunk, reason: reason.clone() }));
                return Ok(Outcome::Done);
            }
            404 => return Ok(Outcome::Gone),
            200..300 => {}
            _ => return Err(client.refused(&answer)),
        }
        let bulk: Bulk = client.parse(&answer)?;
        if !bulk.errors {
            return Ok(Outcome::Done);
        }
        if bulk.items.len() != group.len() {
            let why = format!("{} answers to {} changes", bulk.items.len(), group.len());
            return Err(StoreError::Refused { store: client.name(), why });
        }
        let (mut again, mut why) = (Vec::new(), None);
        for (change, item) in group.into_iter().zip(bulk.items.into_iter().flat_map(HashMap::into_values)) {
            match fate(&item) {
                Fate::Done => {}
                Fate::Gone => return Ok(Outcome::Gone),
                Fate::Rejected(reason) => rejected.push(Rejected { chunk: change.chunk, reason }),
                Fate::Again(reason) => {
                    why = Some(reason);
                    again.push(change);
                }
            }
        }
        let Some(why) = why else { return Ok(Outcome::Done) };
        match Patience::CHANGE.pause(tries, rand::random()) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(client.unavailable(why)),
        }
        group = again;
    }
    unreachable!("the last try returns")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn of_a_chunk_the_last_change_counts() {
        let chunk = ChunkId(Uuid::nil());
        let mut changes = Changes::new(7);
        changes.remove(chunk);
        changes.put(chunk, &json!({ "n": 1 }));
        changes.put(chunk, &json!({ "n": 2 }));
        let lines: Vec<String> = changes.of.into_values().map(|change| String::from_utf8_lossy(&change.lines).into_owned()).collect();
        let action = r#"{"index":{"_id":"00000000-0000-0000-0000-000000000000","version":15,"version_type":"external_gte"}}"#;
        assert_eq!(lines, [format!("{action}\n{{\"n\":2}}\n")]);
    }

    #[test]
    fn only_what_may_pass_is_sent_again() {
        let item = |status, error: Option<&str>| Item { status, error: error.map(Value::from) };
        assert!(matches!(fate(&item(404, None)), Fate::Done));
        assert!(matches!(fate(&item(404, Some("index_not_found_exception"))), Fate::Gone));
        assert!(matches!(fate(&item(409, Some("version_conflict"))), Fate::Done));
        assert!(matches!(fate(&item(429, Some("rejected"))), Fate::Again(_)));
        assert!(matches!(fate(&item(403, Some("cluster_block_exception"))), Fate::Again(_)));
        assert!(matches!(fate(&item(400, Some("mapper_parsing"))), Fate::Rejected(_)));
    }
}
