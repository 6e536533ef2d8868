//! Search servers for tests, where the environment names some, and names of indexes that are dropped with the test.

use crate::{contract::world::wait, named_server};
pub use reqwest::Method;
use serde_json::Value;

/// A server that a test may use, under names of its own.
pub struct SearchServer {
    /// Its address.
    pub url: String,
    /// What the names of the test's indexes begin with.
    pub prefix: String,
}

impl SearchServer {
    /// The Elasticsearch that `LECTERN_TEST_ELASTICSEARCH_URL` names; none, and a line that says so, where it names none.
    pub fn elasticsearch() -> Option<Self> {
        Self::named("LECTERN_TEST_ELASTICSEARCH_URL")
    }

    /// The OpenSearch that `LECTERN_TEST_OPENSEARCH_URL` names; none, and a line that says so, where it names none.
    pub fn opensearch() -> Option<Self> {
        Self::named("LECTERN_TEST_OPENSEARCH_URL")
    }

    /// Those of both that there are.
    pub fn all() -> Vec<Self> {
        [Self::elasticsearch(), Self::opensearch()].into_iter().flatten().collect()
    }

    fn named(variable: &str) -> Option<Self> {
        let (url, prefix) = named_server::named(variable)?;
        Some(Self { url, prefix })
    }

    /// Asks the server itself, beside what is tested. An answer without a body is null.
    ///
    /// # Panics
    /// Where it does not answer.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        named_server::ask(&self.url, method, path, body).await
    }

    /// The names of the test's indexes.
    pub async fn indexes(&self) -> Vec<String> {
        let found = self.ask(Method::GET, &format!("/{}*?expand_wildcards=all", self.prefix), None).await;
        found.as_object().map(|indexes| indexes.keys().cloned().collect()).unwrap_or_default()
    }

    /// Drops those of the test's indexes whose name holds this text.
    pub async fn drop_indexes(&self, of: &str) {
        for index in self.indexes().await.into_iter().filter(|index| index.contains(of)) {
            self.ask(Method::DELETE, &format!("/{index}"), None).await;
        }
    }
}

impl Drop for SearchServer {
    /// Drops the test's indexes. It waits, so a value of this type belongs outside of async code.
    fn drop(&mut self) {
        wait(self.drop_indexes(""));
    }
}
