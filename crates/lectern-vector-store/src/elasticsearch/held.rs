//! What an index holds, in the order of the chunks' ids: by the keyword `hash`, since a store does not sort by `_id` unless it is told to.

use super::{client::Call, indices::Indices};
use crate::{Held, StoreError};
use lectern_domain::{
    digest::Digest,
    ids::{ChunkId, GenerationId},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// A page of the store.
#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    timed_out: bool,
    hits: Hits,
}

#[derive(Debug, Deserialize)]
struct Hits {
    hits: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    /// What it is sorted by: its `hash`.
    sort: (String,),
    #[serde(default)]
    fields: Fields,
}

#[derive(Debug, Default, Deserialize)]
struct Fields {
    #[serde(default)]
    digest: Vec<String>,
}

impl Row {
    /// The chunk; none where somebody else put something under a name that no chunk has.
    fn held(&self) -> Option<Held> {
        let (hash,) = &self.sort;
        let chunk = ChunkId(Uuid::parse_str(hash).ok()?);
        (chunk.to_string() == *hash).then(|| Held { chunk, digest: self.fields.digest.first().and_then(|hex| Digest::from_hex(hex)) })
    }
}

impl Indices {
    /// The chunks after `after`, at most `limit`; an index that is not there holds none.
    pub(super) async fn held(&self, generation: GenerationId, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, StoreError> {
        let mut after = after.map(|chunk| chunk.to_string());
        loop {
            let mut body = json!({
                "query": { "exists": { "field": "hash" } },
                "sort": [{ "hash": "asc" }],
                "size": limit,
                "_source": false,
                "docvalue_fields": ["digest"],
                "track_total_hits": false,
            });
            if let Some(after) = &after {
                body["search_after"] = json!([after]);
            }
            let path = format!("/{}/_search?ignore_unavailable=true&allow_partial_search_results=false", self.alias(generation));
            let page: Page = self.client.get(&Call::new(Method::POST, path).json(&body)).await?;
            if page.timed_out {
                return Err(self.client.unavailable("it does not answer in time"));
            }
            let held: Vec<Held> = page.hits.hits.iter().filter_map(Row::held).collect();
            let Some(last) = page.hits.hits.last().filter(|_| held.is_empty()) else { return Ok(held) };
            after = Some(last.sort.0.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_chunks_are_chunks() {
        let row = |hash: &str| Row { sort: (hash.to_owned(),), fields: Fields::default() };
        let chunk = ChunkId(Uuid::from_u128(7));
        assert_eq!(row(&chunk.to_string()).held(), Some(Held { chunk, digest: None }));
        assert_eq!((row("x").held(), row(&chunk.0.simple().to_string()).held()), (None, None));
    }
}
