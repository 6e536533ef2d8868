//! What a collection holds, in the order of the points' ids, which is that of the chunks'.

use super::{client::Call, collections::Collections};
use crate::{Held, StoreError};
use lectern_domain::{
    digest::Digest,
    ids::{ChunkId, GenerationId},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Deserialize)]
struct Page {
    points: Vec<Point>,
    next_page_offset: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Point {
    id: Value,
    #[serde(default)]
    payload: Option<Kept>,
}

#[derive(Debug, Default, Deserialize)]
struct Kept {
    digest: Option<String>,
}

impl Point {
    /// The chunk; none for the point that holds the place.
    fn held(self) -> Option<Held> {
        let chunk = ChunkId(Uuid::parse_str(self.id.as_str()?).ok()?);
        let hex = self.payload.unwrap_or_default().digest;
        Some(Held { chunk, digest: hex.and_then(|hex| Digest::from_hex(&hex)) })
    }
}

impl Collections {
    /// The chunks after `after`, at most `limit`; a collection that is not there holds none.
    pub(super) async fn held(&self, generation: GenerationId, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, StoreError> {
        let mut from = after.map(|chunk| json!(chunk.0));
        loop {
            // The store begins with the point that is named.
            let mut ask = json!({ "limit": limit + 1, "with_payload": ["digest"], "with_vector": false });
            if let Some(from) = from {
                ask["offset"] = from;
            }
            let call = Call::new(Method::POST, format!("/collections/{}/points/scroll", self.name(generation))).json(&ask);
            let Some(page) = self.client.found::<Page>(&call).await? else { return Ok(Vec::new()) };
            let mut held: Vec<Held> = page.points.into_iter().filter_map(Point::held).collect();
            held.retain(|held| after.is_none_or(|after| held.chunk > after));
            held.truncate(limit);
            from = page.next_page_offset.filter(|next| held.is_empty() && !next.is_null());
            if from.is_none() {
                return Ok(held);
            }
        }
    }
}
