//! What the store is.

use super::{
    client::{Call, Client},
    wire,
};
use crate::{StoreError, rest};
use reqwest::Method;
use serde_json::Value;

/// The first Elasticsearch of version 8 whose vectors are as long as they are now and are searched as they are here.
const VECTORS_SINCE: (u32, u32) = (8, 11);

/// Elasticsearch's longest vectors.
pub(super) const MOST_DIMENSIONS: u32 = 4_096;

/// A product of a version that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// Elasticsearch: major and minor version.
    Elasticsearch(u32, u32),
    /// OpenSearch: major and minor version.
    OpenSearch(u32, u32),
}

impl rest::Product for Product {
    const KIND: &'static str = "Elasticsearch";
    const SECTION: &'static str = "elasticsearch";

    fn name(&self) -> &'static str {
        match self {
            Self::Elasticsearch(..) => "Elasticsearch",
            Self::OpenSearch(..) => "OpenSearch",
        }
    }

    fn reason(body: &[u8]) -> String {
        wire::reason(body)
    }
}

impl Product {
    /// Recognises a product by its answer to `GET /`.
    ///
    /// # Errors
    /// What it is instead.
    fn recognise(said: &Value) -> Result<Self, String> {
        let version = &said["version"];
        let number = version["number"].as_str().unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
        let (Some(Some(major)), Some(Some(minor))) = (parts.next(), parts.next()) else {
            return Err("neither Elasticsearch nor OpenSearch".to_owned());
        };
        match (version["distribution"].as_str(), major) {
            (None, 8 | 9) => Ok(Self::Elasticsearch(major, minor)),
            (Some("opensearch"), 2 | 3) => Ok(Self::OpenSearch(major, minor)),
            (None, _) => Err(format!("Elasticsearch {number}")),
            (Some("opensearch"), _) => Err(format!("OpenSearch {number}")),
            (Some(other), _) => Err(format!("{other} {number}")),
        }
    }

    /// Why it has no index of vectors for Lectern, if so.
    fn lacks_vectors(self) -> Option<String> {
        let Self::Elasticsearch(major, minor) = self else {
            return Some("an OpenSearch, whose vectors are a plug-in's: Lectern uses it for words alone".to_owned());
        };
        let (since_major, since_minor) = VECTORS_SINCE;
        ((major, minor) < VECTORS_SINCE)
            .then(|| format!("Elasticsearch {major}.{minor}, and vectors need {since_major}.{since_minor} or newer"))
    }
}

impl Client {
    /// Asks the store what it is, the first time.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where it is something else, or `vectors` are wanted and it has none.
    pub(crate) async fn recognise(&self, vectors: bool) -> Result<Product, StoreError> {
        let product = match self.product.get() {
            Some(product) => *product,
            None => {
                let said: Value = self.get(&Call::new(Method::GET, "/").urgent()).await?;
                let product = Product::recognise(&said).map_err(|what| {
                    let url = self.url();
                    StoreError::Mismatch(format!("{url} is {what}: Lectern works with Elasticsearch 8 and 9 and with OpenSearch 2 and 3"))
                })?;
                *self.product.get_or_init(|| product)
            }
        };
        match product.lacks_vectors().filter(|_| vectors) {
            Some(why) => Err(StoreError::Mismatch(format!("search.vectors is elasticsearch, but {} is {why}", self.url()))),
            None => Ok(product),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn products_are_told_apart_by_what_they_say() {
        let said = |distribution: Option<&str>, number: &str| {
            let mut version = json!({ "number": number });
            if let Some(distribution) = distribution {
                version["distribution"] = json!(distribution);
            }
            Product::recognise(&json!({ "version": version }))
        };
        assert_eq!(said(None, "9.5.3"), Ok(Product::Elasticsearch(9, 5)));
        assert_eq!(said(None, "8.0.0-SNAPSHOT"), Ok(Product::Elasticsearch(8, 0)));
        assert_eq!(said(Some("opensearch"), "2.19.1"), Ok(Product::OpenSearch(2, 19)));
        assert_eq!(said(None, "7.17.28"), Err("Elasticsearch 7.17.28".to_owned()));
        assert_eq!(said(None, "10.0.0"), Err("Elasticsearch 10.0.0".to_owned()));
        assert_eq!(said(Some("opensearch"), "1.3.0"), Err("OpenSearch 1.3.0".to_owned()));
        assert_eq!(said(Some("other"), "9.0.0"), Err("other 9.0.0".to_owned()));
        assert_eq!(Product::recognise(&json!("hello")), Err("neither Elasticsearch nor OpenSearch".to_owned()));
    }

    #[test]
    fn vectors_need_an_elasticsearch_that_is_new_enough() {
        assert_eq!(Product::Elasticsearch(8, 11).lacks_vectors(), None);
        assert_eq!(Product::Elasticsearch(9, 0).lacks_vectors(), None);
        assert!(Product::Elasticsearch(8, 10).lacks_vectors().is_some_and(|why| why.contains("8.11 or newer")));
        assert!(Product::OpenSearch(3, 8).lacks_vectors().is_some());
    }
}
