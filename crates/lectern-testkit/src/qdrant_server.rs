//! A Qdrant for tests, where the environment names one, and names of collections that are dropped with the test.

use crate::{contract::world::wait, named_server};
use reqwest::Method;
use serde_json::{Value, json};

/// A server that a test may use, under names of its own.
pub struct QdrantServer {
    /// Its address.
    pub url: String,
    /// What the names of the test's collections begin with.
    pub prefix: String,
}

impl QdrantServer {
    /// The one that `LECTERN_TEST_QDRANT_URL` names; none, and a line that says so, where it names none.
    pub fn named() -> Option<Self> {
        let (url, prefix) = named_server::named("LECTERN_TEST_QDRANT_URL")?;
        Some(Self { url, prefix })
    }

    /// Asks the server itself, beside what is tested. An answer without a body is null.
    ///
    /// # Panics
    /// Where it does not answer.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        named_server::ask(&self.url, method, path, body).await
    }

    /// Its version.
    pub async fn version(&self) -> String {
        self.ask(Method::GET, "/", None).await["version"].as_str().expect("a version").to_owned()
    }

    /// The names of the test's collections.
    pub async fn collections(&self) -> Vec<String> {
        let found = self.ask(Method::GET, "/collections", None).await;
        let listed = found["result"]["collections"].as_array().cloned().unwrap_or_default();
        let names = listed.iter().filter_map(|collection| collection["name"].as_str());
        names.filter(|name| name.starts_with(&self.prefix)).map(str::to_owned).collect()
    }

    /// Drops the test's collections.
    pub async fn drop_collections(&self) {
        for name in self.collections().await {
            self.ask(Method::DELETE, &format!("/collections/{name}"), Some(&json!({}))).await;
        }
    }
}

impl Drop for QdrantServer {
    /// Drops the test's collections. It waits, so a value of this type belongs outside of async code.
    fn drop(&mut self) {
        wait(self.drop_collections());
    }
}
