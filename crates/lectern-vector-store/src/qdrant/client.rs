//! Requests to the store, and what it is.

use super::options::QdrantOptions;
use crate::{
    StoreError,
    rest::{self, one_line},
};
use reqwest::{
    Method,
    header::{HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::Value;

pub(super) use crate::rest::{Answer, Call};

/// The first version whose interface is the one that is used here.
const SINCE: (u32, u32) = (1, 12);

/// A version that is known here: major and minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(u32, u32);

/// Connections to the store.
pub(crate) type Client = rest::Client<Version>;

/// Whatever the store answers well has this shape.
#[derive(Debug, Deserialize)]
pub(super) struct Said<T> {
    pub(super) result: T,
}

impl rest::Product for Version {
    const KIND: &'static str = "Qdrant";
    const SECTION: &'static str = "qdrant";

    fn reason(body: &[u8]) -> String {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        match said["status"]["error"].as_str() {
            Some(error) => one_line(error),
            None => one_line(&String::from_utf8_lossy(body)),
        }
    }
}

impl Version {
    /// Recognises the store by its answer to `GET /`.
    ///
    /// # Errors
    /// What it is instead.
    fn recognise(said: &Value) -> Result<Self, String> {
        let title = said["title"].as_str().unwrap_or_default();
        let number = said["version"].as_str().unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
        match (title.starts_with("qdrant"), parts.next(), parts.next()) {
            (true, Some(Some(major)), Some(Some(minor))) if major == SINCE.0 && (major, minor) >= SINCE => Ok(Self(major, minor)),
            (true, ..) => Err(format!("Qdrant {number}")),
            (false, ..) => Err("no Qdrant".to_owned()),
        }
    }
}

/// Sets up connections; opens none.
///
/// # Errors
/// [`StoreError::Mismatch`] where the address, the key or the certificates can't be used.
pub(crate) fn connect(options: &QdrantOptions) -> Result<Client, StoreError> {
    let key = options.api_key.as_deref().map(HeaderValue::from_str).transpose().or(Err(Client::unusable("api_key")))?;
    let authorization = key.map(|mut value| {
        value.set_sensitive(true);
        (HeaderName::from_static("api-key"), value)
    });
    Client::new(rest::Connection { url: &options.url, authorization, ca: options.ca.as_deref(), timeout: options.timeout })
}

impl Client {
    /// Asks the store what it is, the first time.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where it is something else.
    pub(crate) async fn recognise(&self) -> Result<(), StoreError> {
        if self.product.get().is_none() {
            let said: Value = self.get(&Call::new(Method::GET, "/").urgent()).await?;
            let version = Version::recognise(&said).map_err(|what| {
                let ((major, minor), url) = (SINCE, self.url());
                StoreError::Mismatch(format!("{url} is {what}: Lectern works with Qdrant {major}.{minor} and newer versions {major}"))
            })?;
            self.product.get_or_init(|| version);
        }
        Ok(())
    }

    /// The result of a request whose only good answer is a success.
    pub(crate) async fn result<T: serde::de::DeserializeOwned>(&self, call: &Call) -> Result<T, StoreError> {
        self.get::<Said<T>>(call).await.map(|said| said.result)
    }

    /// The result of a request to a collection; none where the collection, or the point that is asked for, is not there.
    pub(crate) async fn found<T: serde::de::DeserializeOwned>(&self, call: &Call) -> Result<Option<T>, StoreError> {
        let answer = self.send(call).await?;
        if answer.is_missing() {
            return Ok(None);
        }
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        self.parse::<Said<T>>(&answer).map(|said| Some(said.result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_are_told_apart_by_what_they_say() {
        let said = |version: &str| Version::recognise(&json!({ "title": "qdrant - vector search engine", "version": version }));
        assert_eq!(said("1.14.1"), Ok(Version(1, 14)));
        assert_eq!(said("1.12.0"), Ok(Version(1, 12)));
        assert_eq!(said("1.11.5"), Err("Qdrant 1.11.5".to_owned()));
        assert_eq!(said("2.0.0"), Err("Qdrant 2.0.0".to_owned()));
        assert_eq!(Version::recognise(&json!({ "version": { "number": "9.5.3" } })), Err("no Qdrant".to_owned()));
    }

    #[test]
    fn reasons_are_one_bounded_line() {
        use rest::Product as _;
        let check = |body: &str, expect: &str| assert_eq!(Version::reason(body.as_bytes()), expect);
        check(r#"{"status":{"error":"Wrong input:\n no"},"time":0.0}"#, "Wrong input: no");
        check("Must provide an API key", "Must provide an API key");
        assert_eq!(Version::reason("é".repeat(5_000).as_bytes()).chars().count(), 500);
    }
}
