//! An index of an Elasticsearch or an OpenSearch.

use super::{PAGE, SeedPlace, SeedRow, is_plain, vector};
use crate::{
    StoreError,
    elasticsearch::{Client, ElasticsearchOptions, Product, connect},
    rest::{Answer, Call, Patience},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, time::Duration};

/// How long the store remembers where the reading stands, between two pages.
const KEPT: &str = "10m";

/// The first Elasticsearch that leaves vectors out of what it shows unless it is asked for them.
const HIDES_VECTORS: (u32, u32) = (9, 2);

/// An index that is being read, as it was when the reading began.
pub struct ElasticsearchSeed {
    client: Client,
    index: String,
    /// The field that holds the vectors; none where there are no vectors.
    field: Option<String>,
    /// What the store knows the reading by, after the first page.
    scroll: Option<String>,
    done: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "_scroll_id")]
    scroll: Option<String>,
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards")]
    shards: Shards,
    hits: Hits,
}

#[derive(Deserialize)]
struct Shards {
    failed: u32,
}

#[derive(Deserialize)]
struct Hits {
    hits: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_source", default)]
    source: Map<String, Value>,
}

impl ElasticsearchSeed {
    /// Looks at an index or an alias; `field` is the one with the vectors, which need not be named where there is one, or none.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where it is not there, or it is not clear which vectors are meant.
    pub async fn open(place: &SeedPlace, index: &str, field: Option<&str>) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::Mismatch(format!("the index '{index}' of {place}: {why}"));
        if !is_plain(index) {
            return Err(wrong("that is not the name of one index".to_owned()));
        }
        let options = ElasticsearchOptions {
            credentials: place.credentials.clone(),
            ca: place.ca.clone(),
            timeout: Duration::from_secs(60),
            ..ElasticsearchOptions::new(&place.url)
        };
        let client = connect(&options)?;
        client.recognise(false).await?;
        let answer = client.send(&Call::new(Method::GET, format!("/{index}/_mapping")).urgent()).await?;
        if answer.is_missing() {
            return Err(wrong("it is not there".to_owned()));
        }
        let mappings: HashMap<String, Value> = success(&client, &answer)?;
        if mappings.len() != 1 {
            return Err(wrong(format!("it is an alias of {} indexes", mappings.len())));
        }
        let properties = mappings.values().find_map(|of| of["mappings"]["properties"].as_object()).cloned().unwrap_or_default();
        let is_vector = |kind: &Value| matches!(kind["type"].as_str(), Some("dense_vector" | "knn_vector"));
        let mut vectors: Vec<&str> = properties.iter().filter(|(_, kind)| is_vector(kind)).map(|(name, _)| name.as_str()).collect();
        if vectors.is_empty() {
            // Where the vectors were never searched, they are numbers like others.
            vectors = ["embedding", "vector"].into_iter().filter(|name| properties.contains_key(*name)).collect();
        }
        let field = match (field, vectors.as_slice()) {
            (Some(named), _) if properties.contains_key(named) => Some(named.to_owned()),
            (Some(named), _) => return Err(wrong(format!("it has no field '{named}'"))),
            (None, []) => None,
            (None, [one]) => Some((*one).to_owned()),
            (None, several) => return Err(wrong(format!("it has several vectors, of which one has to be named: {}", several.join(", ")))),
        };
        Ok(Self { client, index: index.to_owned(), field, scroll: None, done: false })
    }

    /// Whether its rows have vectors.
    pub fn has_vectors(&self) -> bool {
        self.field.is_some()
    }

    /// The next rows; none at the end. After an error, the reading can't go on.
    ///
    /// # Errors
    /// [`StoreError`] where the store fails. Pages are asked for once: a page whose answer was lost would be passed over.
    pub async fn next_page(&mut self) -> Result<Option<Vec<SeedRow>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let mut call = match &self.scroll {
            Some(scroll) => Call::new(Method::POST, "/_search/scroll").json(&json!({ "scroll": KEPT, "scroll_id": scroll })),
            None => {
                let path = format!("/{}/_search?scroll={KEPT}&allow_partial_search_results=false", self.index);
                let shown = if self.hides_vectors() { json!({ "exclude_vectors": false }) } else { json!(true) };
                Call::new(Method::POST, path).json(&json!({ "size": PAGE, "sort": ["_doc"], "_source": shown }))
            }
        };
        call.patience = Patience::ONCE;
        let page: Page = success(&self.client, &self.client.send(&call).await?)?;
        if page.timed_out || page.shards.failed > 0 {
            return Err(self.client.unavailable("it gave a part of what was asked for"));
        }
        self.scroll = page.scroll.or(self.scroll.take());
        if page.hits.hits.is_empty() {
            self.done = true;
            self.forget().await;
            return Ok(None);
        }
        let row = |Row { id, mut source }| {
            let vector = vector(self.field.as_ref().and_then(|field| source.shift_remove(field)));
            SeedRow { id, fields: source, vector }
        };
        Ok(Some(page.hits.hits.into_iter().map(row).collect()))
    }

    fn hides_vectors(&self) -> bool {
        matches!(self.client.product.get(), Some(Product::Elasticsearch(major, minor)) if (*major, *minor) >= HIDES_VECTORS)
    }

    /// Lets the store forget the reading, which it would do by itself a while later.
    async fn forget(&self) {
        if let Some(scroll) = &self.scroll {
            let call = Call::new(Method::DELETE, "/_search/scroll").json(&json!({ "scroll_id": scroll })).urgent();
            if let Err(error) = self.client.send(&call).await {
                tracing::debug!(%error, "the end of a reading could not be told");
            }
        }
    }
}

fn success<T: serde::de::DeserializeOwned>(client: &Client, answer: &Answer) -> Result<T, StoreError> {
    if answer.is_success() { client.parse(answer) } else { Err(client.refused(answer)) }
}
