//! The settings of this crate: which endpoints there are and how long to wait for them.

use crate::ApiKey;
use lectern_domain::Invalid;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An OpenAI-compatible endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its base address, with or without the path of the API: `http://127.0.0.1:8000` or `https://api.example.org/v1`.
    pub url: String,
    /// Its key, sent as `Authorization: Bearer …`. Empty: none is sent.
    #[serde(default)]
    pub api_key: ApiKey,
    /// The path of the API below the base address. Empty for an endpoint that answers `/chat/completions` itself. Default `v1`.
    #[serde(default = "default_api_path")]
    pub api_path: String,
    /// The models that it serves; one whose name says `embed` makes vectors, the others write. Without this list it is asked (`GET models`).
    #[serde(default)]
    pub models: Option<Vec<String>>,
}

fn default_api_path() -> String {
    "v1".to_owned()
}

impl Endpoint {
    /// An endpoint without a key, below `v1`, that is asked for its models.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), api_key: ApiKey::default(), api_path: default_api_path(), models: None }
    }

    /// The address of the API, with a slash at its end.
    ///
    /// # Errors
    /// The address is not one of HTTP or HTTPS, or carries what belongs elsewhere (a password, a query).
    pub(crate) fn api_url(&self) -> Result<reqwest::Url, Invalid> {
        // The address itself stays out of the message: it may hold a password.
        let refuse = |why: &str| Invalid::new("url", format!("{why}; an endpoint looks like http://127.0.0.1:8000"));
        let mut url = reqwest::Url::parse(self.url.trim()).map_err(|error| refuse(&format!("not an address ({error})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("not an address of http or https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("a name or a password in the address would be logged; put the key into api_key"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("an address with a query or a fragment"));
        }
        let (base, api) = (url.path().trim_end_matches('/'), self.api_path.trim_matches('/'));
        let path = match base.strip_suffix(api) {
            Some(_) if api.is_empty() => format!("{base}/"),
            Some(before) if before.ends_with('/') => format!("{base}/"),
            _ => format!("{base}/{api}/"),
        };
        url.set_path(&path);
        Ok(url)
    }
}

/// How endpoints are called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpOptions {
    /// The longest time, in milliseconds, to open a connection (TLS included). Default 5,000.
    pub connect_timeout_ms: u64,
    /// The longest time, in milliseconds, from a request to the first byte of the answer's body. Default 60,000.
    pub first_byte_timeout_ms: u64,
    /// The longest silence, in milliseconds, between two parts of an answer. Default 30,000.
    pub idle_timeout_ms: u64,
    /// How often a request is sent again, to another endpoint where there is one, when an endpoint cannot be reached or answers 429 or
    /// 5xx, before any part of the answer has arrived. Default 2.
    pub retries: u32,
    /// The pause, in milliseconds, before the first of these at the same endpoint; it doubles each time, and up to half of it is taken off at random.
    /// Default 500.
    pub retry_delay_ms: u64,
    /// The longest such pause, in milliseconds. Default 2,000.
    pub retry_delay_max_ms: u64,
    /// How long, in milliseconds, an endpoint that failed is left alone while another one serves the model. Default 10,000.
    pub rest_ms: u64,
    /// The longest answer, in bytes, streamed or not. Default 64 MiB.
    pub max_answer_bytes: u64,
    /// The address of an HTTP proxy. Default: none, whatever the environment says.
    pub proxy: Option<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            first_byte_timeout_ms: 60_000,
            idle_timeout_ms: 30_000,
            retries: 2,
            retry_delay_ms: 500,
            retry_delay_max_ms: 2_000,
            rest_ms: 10_000,
            max_answer_bytes: 64 * 1024 * 1024,
            proxy: None,
        }
    }
}

impl HttpOptions {
    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(crate) fn first_byte_timeout(&self) -> Duration {
        Duration::from_millis(self.first_byte_timeout_ms)
    }

    pub(crate) fn rest(&self) -> Duration {
        Duration::from_millis(self.rest_ms)
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        Duration::from_millis(self.idle_timeout_ms)
    }
}

/// How a remote embedding model is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteEmbedding {
    /// The model's name, as the endpoint knows it.
    pub model: String,
    /// The model's revision, where the provider has one: another revision's vectors are not compared with these. Default: empty.
    #[serde(default)]
    pub revision: String,
    /// The number of components of its vectors. Default: the model is asked once.
    #[serde(default)]
    pub dimensions: Option<u32>,
    /// Put before a question, for models that want it (`query: `). Default: nothing.
    #[serde(default)]
    pub query_prefix: String,
    /// Put before a passage, for models that want it (`passage: `). Default: nothing.
    #[serde(default)]
    pub passage_prefix: String,
    /// The most texts in one request. Default 32.
    #[serde(default = "default_batch_texts")]
    pub batch_texts: usize,
    /// The most characters in one request; a longer text travels alone. Default 100,000.
    #[serde(default = "default_batch_chars")]
    pub batch_chars: usize,
    /// How many requests of one call run at the same time. Default 2.
    #[serde(default = "default_parallel")]
    pub parallel: usize,
}

fn default_batch_texts() -> usize {
    32
}

fn default_batch_chars() -> usize {
    100_000
}

fn default_parallel() -> usize {
    2
}

impl RemoteEmbedding {
    /// A model with the defaults above.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            revision: String::new(),
            dimensions: None,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            batch_texts: default_batch_texts(),
            batch_chars: default_batch_chars(),
            parallel: default_parallel(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_path_is_added_once() {
        for (url, api_path, expect) in [
            ("http://h:1", "v1", "http://h:1/v1/"),
            ("http://h:1/", "/v1/", "http://h:1/v1/"),
            ("http://h:1/v1", "v1", "http://h:1/v1/"),
            ("https://h/v1/", "v1", "https://h/v1/"),
            ("https://h/openai", "v1", "https://h/openai/v1/"),
            ("https://h/notv1", "v1", "https://h/notv1/v1/"),
            ("http://127.0.0.1:8899", "", "http://127.0.0.1:8899/"),
            ("http://h/base/", "", "http://h/base/"),
        ] {
            let endpoint = Endpoint { api_path: api_path.into(), ..Endpoint::new(url) };
            assert_eq!(endpoint.api_url().unwrap().as_str(), expect, "{url} + {api_path}");
        }
    }

    #[test]
    fn an_address_that_cannot_work_is_refused_without_showing_it() {
        for url in ["", "h:1", "ftp://h", "http://me:hunter2@h", "http://h/?key=hunter2", "http://h/#hunter2"] {
            let error = Endpoint::new(url).api_url().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn settings_are_strict_and_keys_stay_hidden() {
        let endpoint: Endpoint = serde_json::from_str(r#"{"url":"http://h","api_key":"hunter2","models":["a"]}"#).unwrap();
        assert_eq!((endpoint.api_path.as_str(), endpoint.api_key.expose()), ("v1", "hunter2"));
        assert!(!format!("{endpoint:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&endpoint).unwrap().contains("hunter2"));
        assert!(serde_json::from_str::<Endpoint>(r#"{"url":"http://h","ulr":1}"#).is_err());
        assert_eq!(serde_json::from_str::<HttpOptions>("{}").unwrap(), HttpOptions::default());
    }
}
