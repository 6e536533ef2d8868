//! Requests to a store: credentials, time limits, further tries, bounded answers.

use super::retry::Patience;
use crate::StoreError;
use reqwest::{
    Certificate, Method, RequestBuilder, Url,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use std::{iter, sync::OnceLock, time::Duration};
use tokio::time::{Instant, sleep, timeout_at};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// The longest answer that is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A request, which may be sent more than once unless its patience says otherwise: whatever else is asked has the same effect twice.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Made of names that this crate chose.
    pub(crate) path: String,
    pub(crate) body: Option<(&'static str, Vec<u8>)>,
    pub(crate) patience: Patience,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, patience: Patience::CHANGE }
    }

    /// With a body of JSON.
    pub(crate) fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(("application/json", body.to_string().into_bytes()));
        self
    }

    /// Somebody waits for the answer.
    pub(crate) fn urgent(mut self) -> Self {
        self.patience = Patience::SEARCH;
        self
    }
}

/// What the store answered: a success, or a refusal that the asker may expect.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether what was asked for is not there.
    pub(crate) fn is_missing(&self) -> bool {
        self.status == 404
    }
}

/// What a store turns out to be when it is asked, and how its kind speaks.
pub(crate) trait Product: Send + Sync {
    /// What the kind of store is called in messages.
    const KIND: &'static str;
    /// The section of the settings that describes it.
    const SECTION: &'static str;

    /// What this one is called in messages.
    fn name(&self) -> &'static str {
        Self::KIND
    }

    /// Why it refuses, on one bounded line, from the body of its answer.
    fn reason(body: &[u8]) -> String;
}

/// Where a store is, and who asks.
pub(crate) struct Connection<'a> {
    pub(crate) url: &'a str,
    /// The header that says who asks.
    pub(crate) authorization: Option<(HeaderName, HeaderValue)>,
    /// Certificates of authorities to trust besides the system's, as PEM.
    pub(crate) ca: Option<&'a [u8]>,
    /// The longest that an urgent request may take, with its further tries.
    pub(crate) timeout: Duration,
}

/// Connections to a store.
pub(crate) struct Client<P> {
    http: reqwest::Client,
    base: Url,
    authorization: Option<(HeaderName, HeaderValue)>,
    timeout: Duration,
    /// What it is, once it was asked.
    pub(crate) product: OnceLock<P>,
}

impl<P: Product> Client<P> {
    /// Sets up connections; opens none.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] where the address or the certificates can't be used.
    pub(crate) fn new(connection: Connection<'_>) -> Result<Self, StoreError> {
        let base = Url::parse(connection.url).ok().filter(Url::has_host).ok_or_else(|| Self::unusable("url"))?;
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("lectern/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = connection.ca {
            let certificates = Certificate::from_pem_bundle(pem).ok().filter(|certificates| !certificates.is_empty());
            builder = builder.tls_certs_merge(certificates.ok_or_else(|| Self::unusable("ca_file: it holds no certificates in PEM, and"))?);
        }
        let http = builder.build().map_err(|error| StoreError::Mismatch(format!("{}.ca_file can't be used: {error}", P::SECTION)))?;
        Ok(Self { http, base, authorization: connection.authorization, timeout: connection.timeout, product: OnceLock::new() })
    }

    /// A setting of the store's section that can't be used.
    pub(crate) fn unusable(what: &str) -> StoreError {
        StoreError::Mismatch(format!("{}.{what} can't be used", P::SECTION))
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> &'static str {
        self.product.get().map_or(P::KIND, Product::name)
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.base.as_str()
    }

    pub(crate) fn unavailable(&self, why: impl Into<String>) -> StoreError {
        StoreError::Unavailable { store: self.name(), why: why.into() }
    }

    pub(crate) fn refused(&self, answer: &Answer) -> StoreError {
        let (store, why) = (self.name(), format!("{} ({})", P::reason(&answer.body), answer.status));
        match answer.status {
            400 | 413 => StoreError::BadRequest { store, why },
            _ => StoreError::Refused { store, why },
        }
    }

    /// Sends a request until there is an answer: where a connection fails, or the store has no time, it is tried again after a pause. Of
    /// refusals, only those come back that a request may meet when all is well: 400, 404, 409 and 413.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, StoreError> {
        let urgent = call.patience.is_urgent();
        let whole = urgent.then(|| Instant::now() + self.timeout);
        for tries in 1.. {
            let by = whole.unwrap_or_else(|| Instant::now() + call.patience.each().max(self.timeout));
            let failed = match timeout_at(by, self.once(call)).await {
                Ok(Ok(answer)) => match answer.status {
                    200..300 | 400 | 404 | 409 | 413 => return Ok(answer),
                    429 | 500.. => self.unavailable(format!("{} ({})", P::reason(&answer.body), answer.status)),
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
    pub(crate) async fn get<T: DeserializeOwned>(&self, call: &Call) -> Result<T, StoreError> {
        let answer = self.send(call).await?;
        if !answer.is_success() {
            return Err(self.refused(&answer));
        }
        self.parse(&answer)
    }

    pub(crate) fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, StoreError> {
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
        if let Some((name, value)) = &self.authorization {
            request = request.header(name, value.clone());
        }
        match &call.body {
            Some((kind, body)) => request.header(CONTENT_TYPE, *kind).body(body.clone()),
            None => request,
        }
    }

    /// An error of the HTTP client with its causes, without the address.
    fn unreachable(&self, error: reqwest::Error) -> StoreError {
        let error = error.without_url();
        let causes = iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        self.unavailable(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}
