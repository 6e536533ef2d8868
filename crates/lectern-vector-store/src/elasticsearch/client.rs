//! Requests to the store: credentials, time limits, further tries, bounded answers.

use super::{
    options::{Credentials, ElasticsearchOptions},
    retry::Patience,
    server::Product,
    wire,
};
use crate::StoreError;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use reqwest::{
    Certificate, Method, RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde::de::DeserializeOwned;
use std::{sync::OnceLock, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// The longest that a change may take, each try of it.
const CHANGE: Duration = Duration::from_secs(60);

/// The longest answer that is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A request, which may be sent more than once: whatever is asked here has the same effect twice.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Made of names that this crate chose.
    pub(super) path: String,
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    pub(super) patience: Patience,
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, patience: Patience::CHANGE }
    }

    /// With a body of JSON.
    pub(super) fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(("application/json", body.to_string().into_bytes()));
        self
    }

    /// Somebody waits for the answer.
    pub(super) fn urgent(mut self) -> Self {
        self.patience = Patience::SEARCH;
        self
    }
}

/// What the store answered: a success, or a refusal that the asker may expect.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether what was asked for is not there.
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404
    }
}

/// Connections to the store.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    authorization: Option<HeaderValue>,
    timeout: Duration,
    /// What it is, once it was asked.
    pub(super) product: OnceLock<Product>,
}

impl Client {
    pub(super) fn new(options: &ElasticsearchOptions) -> Result<Self, StoreError> {
        let unusable = |what: &str| StoreError::Mismatch(format!("elasticsearch.{what} can't be used"));
        let base = Url::parse(&options.url).or(Err(unusable("url")))?;
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &options.ca {
            let certificates = Certificate::from_pem_bundle(pem).ok().filter(|certificates| !certificates.is_empty());
            builder = builder.tls_certs_merge(certificates.ok_or_else(|| unusable("ca_file: it holds no certificates in PEM, and"))?);
        }
        let http = builder.build().map_err(|error| StoreError::Mismatch(format!("elasticsearch.ca_file can't be used: {error}")))?;
        let authorization = authorization(&options.credentials).or(Err(unusable("password or elasticsearch.api_key")))?;
        Ok(Self { http, base, authorization, timeout: options.timeout, product: OnceLock::new() })
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> &'static str {
        self.product.get().map_or("Elasticsearch", Product::name)
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        self.base.as_str()
    }

    pub(super) fn unavailable(&self, why: impl Into<String>) -> StoreError {
        StoreError::Unavailable { store: self.name(), why: why.into() }
    }

    pub(super) fn refused(&self, answer: &Answer) -> StoreError {
        let why = format!("{} ({})", wire::reason(&answer.body), answer.status);
        StoreError::Refused { store: self.name(), why }
    }

    /// Sends a request until there is an answer: where a connection fails, or the store has no time, it is tried again after a pause. Of
    /// refusals, only those come back that a request may meet when all is well: 400, 404, 409 and 413.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, StoreError> {
        let urgent = call.patience.is_urgent();
        let whole = urgent.then(|| Instant::now() + self.timeout);
        for tries in 1.. {
            let by = whole.unwrap_or_else(|| Instant::now() + CHANGE.max(self.timeout));
            let failed = match timeout_at(by, self.once(call)).await {
                Ok(Ok(answer)) => match answer.status {
                    200..300 | 400 | 404 | 409 | 413 => return Ok(answer),
                    429 | 500.. => self.unavailable(format!("{} ({})", wire::reason(&answer.body), answer.status)),
                    _ => return Err(self.refused(&answer)),
                },
                Ok(Err(error)) => error,
                Err(_elapsed) => self.unavailable("it does not answer in time"),
            };
            let pause = call.patience.pause(tries, rand::random());
            match pause.filter(|pause| failed.may_pass() && whole.is_none_or(|whole| Instant::now() + *pause < whole)) {
                Some(pause) => {
                    tracing::debug!(path = call.path, tries, error = %failed, "asking again");
                    sleep(pause).await;
                }
                None => return Err(failed),
            }
        }
        unreachable!("the last try returns")
    }

    /// Sends a request whose only good answer is a success of this shape.
    pub(super) async fn get<T: DeserializeOwned>(&self, call: &Call) -> Result<T, StoreError> {
        let answer = self.send(call).await?;
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        self.parse(&answer)
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, StoreError> {
        let unreadable = |error| StoreError::Refused { store: self.name(), why: format!("an answer that is not understood: {error}") };
        serde_json::from_slice(&answer.body).map_err(unreadable)
    }

    async fn once(&self, call: &Call) -> Result<Answer, StoreError> {
        let mut response = self.request(call).send().await.map_err(|error| self.unreachable(error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.unreachable(error))? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(StoreError::Refused { store: self.name(), why: format!("an answer of more than {MOST_BYTES} bytes") });
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, body })
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let (path, query) = call.path.split_once('?').map_or((call.path.as_str(), None), |(path, query)| (path, Some(query)));
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{}", self.base.path().trim_end_matches('/'), path.trim_start_matches('/')));
        url.set_query(query);
        let mut request = self.http.request(call.method.clone(), url);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        match &call.body {
            Some((kind, body)) => request.header(CONTENT_TYPE, *kind).body(body.clone()),
            None => request,
        }
    }

    /// An error of the HTTP client with its causes, without the address.
    fn unreachable(&self, error: reqwest::Error) -> StoreError {
        let error = error.without_url();
        let mut why = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            why = format!("{why}: {error}");
            cause = error.source();
        }
        self.unavailable(why)
    }
}

/// The header that says who asks.
fn authorization(credentials: &Credentials) -> Result<Option<HeaderValue>, reqwest::header::InvalidHeaderValue> {
    let text = match credentials {
        Credentials::None => return Ok(None),
        Credentials::Basic { user, password } => format!("Basic {}", BASE64.encode(format!("{user}:{password}"))),
        Credentials::ApiKey(key) => format!("ApiKey {key}"),
    };
    let mut value = HeaderValue::from_str(&text)?;
    value.set_sensitive(true);
    Ok(Some(value))
}
