//! A collection of a Qdrant.

use super::{PAGE, SeedPlace, SeedRow, is_plain, vector};
use crate::{
    StoreError,
    elasticsearch::Credentials,
    qdrant::{Client, QdrantOptions, connect},
    rest::Call,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A collection that is being read, in the order of its points.
pub struct QdrantSeed {
    client: Client,
    collection: String,
    /// The name of the vectors; none where they have none.
    name: Option<String>,
    /// The first point of the next page.
    next: Option<Value>,
    done: bool,
}

#[derive(Deserialize)]
struct Page {
    points: Vec<Point>,
    #[serde(rename = "next_page_offset")]
    next: Option<Value>,
}

#[derive(Deserialize)]
struct Point {
    id: Value,
    payload: Option<Map<String, Value>>,
    vector: Option<Value>,
}

impl QdrantSeed {
    /// Looks at a collection or an alias; `name` is that of the vectors, which need not be told where there is but one.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where it is not there, or it is not clear which vectors are meant.
    pub async fn open(place: &SeedPlace, collection: &str, name: Option<&str>) -> Result<Self, StoreError> {
        let wrong = |why: String| StoreError::Mismatch(format!("the collection '{collection}' of {place}: {why}"));
        if !is_plain(collection) {
            return Err(wrong("that is not the name of one collection".to_owned()));
        }
        let api_key = match &place.credentials {
            Credentials::None => None,
            Credentials::ApiKey(key) => Some(key.clone()),
            Credentials::Basic { .. } => return Err(wrong("a Qdrant takes an API key, not a user and a password".to_owned())),
        };
        let options = QdrantOptions { api_key, ca: place.ca.clone(), timeout: Duration::from_secs(60), ..QdrantOptions::new(&place.url) };
        let client = connect(&options)?;
        client.recognise().await?;
        let found: Option<Value> = client.found(&Call::new(Method::GET, format!("/collections/{collection}")).urgent()).await?;
        let found = found.ok_or_else(|| wrong("it is not there".to_owned()))?;
        let vectors = found["config"]["params"]["vectors"].as_object().cloned().unwrap_or_default();
        let name = if vectors.contains_key("size") {
            match name {
                Some(named) => return Err(wrong(format!("its vectors have no name, and '{named}' was named"))),
                None => None,
            }
        } else {
            let names: Vec<&str> = vectors.keys().map(String::as_str).collect();
            match (name, names.as_slice()) {
                (Some(named), names) if names.contains(&named) => Some(named.to_owned()),
                (Some(named), _) => return Err(wrong(format!("it has no vectors '{named}'"))),
                (None, [one]) => Some((*one).to_owned()),
                (None, []) => return Err(wrong("it has no vectors".to_owned())),
                (None, several) => {
                    return Err(wrong(format!("it has several vectors, of which one has to be named: {}", several.join(", "))));
                }
            }
        };
        Ok(Self { client, collection: collection.to_owned(), name, next: None, done: false })
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// [`StoreError`] where the store fails.
    pub async fn next_page(&mut self) -> Result<Option<Vec<SeedRow>>, StoreError> {
        if self.done {
            return Ok(None);
        }
        let wanted = self.name.as_ref().map_or(json!(true), |name| json!([name]));
        let mut ask = json!({ "limit": PAGE, "with_payload": true, "with_vector": wanted });
        if let Some(next) = &self.next {
            ask["offset"] = next.clone();
        }
        let call = Call::new(Method::POST, format!("/collections/{}/points/scroll", self.collection)).json(&ask);
        let page: Page = self.client.result(&call).await?;
        self.next = page.next.filter(|next| !next.is_null());
        self.done = self.next.is_none();
        if page.points.is_empty() {
            return Ok(None);
        }
        Ok(Some(page.points.into_iter().map(|point| self.row(point)).collect()))
    }

    fn row(&self, point: Point) -> SeedRow {
        let id = match point.id {
            Value::String(id) => id,
            other => other.to_string(),
        };
        let found = match &self.name {
            Some(name) => point.vector.and_then(|mut vectors| vectors.get_mut(name).map(Value::take)),
            None => point.vector,
        };
        SeedRow { id, fields: point.payload.unwrap_or_default(), vector: vector(found) }
    }
}
