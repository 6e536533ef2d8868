//! The connections to endpoints, and one endpoint's address and key.

use super::{
    meters::{UpstreamMeters, Upstreams},
    rest::Rest,
};
use crate::{ApiKey, Endpoint, HttpOptions, LlmError};
use lectern_domain::Invalid;
use reqwest::{Method, RequestBuilder, Url, header};
use std::{fmt, sync::Arc};

/// Connections to endpoints, with their time limits. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct HttpClient {
    pub(super) http: reqwest::Client,
    pub(super) options: Arc<HttpOptions>,
    upstreams: Upstreams,
}

impl HttpClient {
    /// Sets up connections; opens none.
    ///
    /// # Errors
    /// [`LlmError::Local`] where the proxy's address or the system's certificates are unusable.
    pub fn new(options: HttpOptions) -> Result<Self, LlmError> {
        let unusable = |what: &str, error: reqwest::Error| LlmError::Local { what: what.to_owned(), source: Box::new(error.without_url()) };
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.connect_timeout())
            .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")));
        if let Some(proxy) = &options.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|error| unusable("the address of the proxy is unusable", error))?);
        }
        let http = builder.build().map_err(|error| unusable("the HTTP client cannot be set up", error))?;
        Ok(Self { http, options: Arc::new(options), upstreams: Upstreams::default() })
    }

    /// What the endpoints tell about themselves that were made with this client, or with a clone.
    pub fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }
}

/// One endpoint. Cheap to clone; `Debug` shows its address, never its key.
#[derive(Clone)]
pub struct OpenAiClient {
    pub(super) client: HttpClient,
    base: Url,
    key: ApiKey,
    authorization: Option<header::HeaderValue>,
    /// Shared by all clones.
    pub(super) rest: Arc<Rest>,
    pub(super) meters: Arc<UpstreamMeters>,
}

impl OpenAiClient {
    /// The endpoint at an address. Nothing is sent yet.
    ///
    /// # Errors
    /// The address or the key cannot be used.
    pub fn new(client: HttpClient, endpoint: &Endpoint) -> Result<Self, Invalid> {
        let authorization = if endpoint.api_key.is_empty() {
            None
        } else {
            // The parse error is dropped on purpose: what it says about the key belongs in no message.
            let Ok(mut value) = header::HeaderValue::from_str(&format!("Bearer {}", endpoint.api_key.expose())) else {
                return Err(Invalid::new("api_key", "holds characters that cannot be sent in a header; only printable ASCII can"));
            };
            value.set_sensitive(true);
            Some(value)
        };
        let base = endpoint.api_url()?;
        let meters = client.upstreams.of(base.as_str());
        Ok(Self { client, base, key: endpoint.api_key.clone(), authorization, rest: Arc::default(), meters })
    }

    /// The address of the API, as it is called.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// A request to a path below the API's address. The path is one of this crate's or from a list in the settings, never a caller's.
    pub(super) fn request(&self, method: Method, path: &str, query: Option<&str>) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url.set_query(query);
        let request = self.client.http.request(method, url);
        match &self.authorization {
            Some(value) => request.header(header::AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    /// What an endpoint says, without the key that it may have repeated.
    pub(super) fn without_key(&self, text: Vec<u8>) -> Vec<u8> {
        let key = self.key.expose().as_bytes();
        if key.is_empty() || !text.windows(key.len()).any(|part| part == key) {
            return text;
        }
        String::from_utf8_lossy(&text).replace(self.key.expose(), "[redacted]").into_bytes()
    }
}

impl fmt::Debug for OpenAiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiClient").field("url", &self.base.as_str()).field("key", &self.key).finish()
    }
}
