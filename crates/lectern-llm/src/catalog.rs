//! Which chat models there are, and where.

use crate::{
    ChatModel, Endpoint, HttpClient, LlmError,
    openai::{ListedModel, ModelKind, OpenAiChat, OpenAiClient},
};
use lectern_domain::Invalid;
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    task::JoinHandle,
    time::{Instant, timeout},
};

/// How endpoints are asked for their models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Discovery {
    /// The longest time, in milliseconds, that an endpoint may take to list its models, retries included. Default 5,000.
    pub timeout_ms: u64,
    /// The pause, in milliseconds, between two questions to an endpoint that answers. Default 300,000.
    pub every_ms: u64,
    /// The pause, in milliseconds, after an endpoint did not answer, or after a model was asked for that nobody serves. Default 5,000.
    pub after_failure_ms: u64,
}

impl Default for Discovery {
    fn default() -> Self {
        Self { timeout_ms: 5_000, every_ms: 300_000, after_failure_ms: 5_000 }
    }
}

/// A model in the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogModel {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: ModelKind,
    /// The address of its endpoint; `None` for a built-in model.
    pub endpoint: Option<String>,
}

/// The models of the configured endpoints and the built-in ones. A name belongs to the first endpoint that serves it.
pub struct ModelCatalog {
    endpoints: Vec<Known>,
    built_in: Vec<(String, Arc<dyn ChatModel>)>,
    discovery: Discovery,
}

/// An endpoint and what it is known to serve.
struct Known {
    client: OpenAiClient,
    chat: Arc<OpenAiChat>,
    /// Whether the settings list the models: then the endpoint is never asked.
    listed: bool,
    models: RwLock<Vec<ListedModel>>,
    /// When it was asked last, and whether it answered. Held while it is asked, so that it is asked once at a time.
    asked: Mutex<Option<(Instant, bool)>>,
}

impl Known {
    fn models(&self) -> Vec<ListedModel> {
        self.models.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The kind of a model that this endpoint serves.
    fn serves(&self, name: &str) -> Option<ModelKind> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        models.iter().find(|model| model.id == name).map(|model| model.kind.clone())
    }

    /// Asks the endpoint, unless it was asked within `pause` (`within.0` after an answer, `within.1` after a failure).
    async fn ask(&self, limit: Duration, pauses: (Duration, Duration)) {
        if self.listed {
            return;
        }
        let mut asked = self.asked.lock().await;
        if let Some((at, answered)) = *asked
            && at.elapsed() < (if answered { pauses.0 } else { pauses.1 })
        {
            return;
        }
        let failed_before = matches!(*asked, Some((_, false)));
        let answer = timeout(limit, self.client.models()).await.unwrap_or(Err(LlmError::TimedOut("listing its models")));
        *asked = Some((Instant::now(), answer.is_ok()));
        match answer {
            Ok(models) => *self.models.write().unwrap_or_else(PoisonError::into_inner) = models,
            // What it served before stays: it may only be restarting. A failure that lasts is logged once.
            Err(error) if failed_before => tracing::debug!(endpoint = self.client.url(), %error, "still no list of models"),
            Err(error) => tracing::warn!(endpoint = self.client.url(), %error, "the endpoint does not list its models; asking again later"),
        }
    }
}

impl ModelCatalog {
    /// A catalog of these endpoints, in the order of the settings. Nothing is asked yet: [`ModelCatalog::refresh`] or
    /// [`ModelCatalog::keep_fresh`] does, and so does asking for a model that is not known.
    ///
    /// # Errors
    /// An endpoint's address or key cannot be used.
    pub fn new(http: &HttpClient, endpoints: &[Endpoint], discovery: Discovery) -> Result<Self, Invalid> {
        let known = |endpoint: &Endpoint| {
            let client = OpenAiClient::new(http.clone(), endpoint)?;
            let models = endpoint.models.iter().flatten().map(|id| ListedModel { id: id.clone(), kind: ModelKind::Text });
            Ok(Known {
                chat: Arc::new(OpenAiChat::new(client.clone())),
                client,
                listed: endpoint.models.is_some(),
                models: RwLock::new(models.collect()),
                asked: Mutex::new(None),
            })
        };
        Ok(Self { endpoints: endpoints.iter().map(known).collect::<Result<_, Invalid>>()?, built_in: Vec::new(), discovery })
    }

    /// Adds a built-in model. It goes before an endpoint's model of the same name.
    #[must_use]
    pub fn with_built_in(mut self, name: impl Into<String>, model: Arc<dyn ChatModel>) -> Self {
        self.built_in.push((name.into(), model));
        self
    }

    /// Asks every endpoint whose list is due, all at once, and waits for the answers or the time limit.
    pub async fn refresh(&self) {
        self.ask(Duration::from_millis(self.discovery.every_ms)).await;
    }

    async fn ask(&self, after_answer: Duration) {
        let limit = Duration::from_millis(self.discovery.timeout_ms);
        let pauses = (after_answer, Duration::from_millis(self.discovery.after_failure_ms));
        futures_util::future::join_all(self.endpoints.iter().map(|known| known.ask(limit, pauses))).await;
    }

    /// Starts a task that keeps the lists fresh, the first time at once, for as long as the catalog is in use.
    pub fn keep_fresh(self: &Arc<Self>) -> JoinHandle<()> {
        let catalog = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(catalog) = catalog.upgrade() {
                catalog.refresh().await;
                // An endpoint that answers is skipped by `ask` until its own pause is over.
                let pause = Duration::from_millis(catalog.discovery.after_failure_ms.max(100));
                drop(catalog);
                tokio::time::sleep(pause).await;
            }
        })
    }

    /// The chat model of a name. Where it is not known, the endpoints are asked again first (not more often than after a failure).
    pub async fn resolve(&self, name: &str) -> Option<Arc<dyn ChatModel>> {
        if let Some((_, model)) = self.built_in.iter().find(|(built_in, _)| built_in == name) {
            return Some(Arc::clone(model));
        }
        let (known, kind) = self.locate(name).await?;
        (kind == ModelKind::Text).then(|| Arc::clone(&known.chat) as Arc<dyn ChatModel>)
    }

    /// The endpoint that serves a model of any kind, for requests that are passed on and for embeddings.
    pub async fn endpoint_of(&self, name: &str) -> Option<(OpenAiClient, ModelKind)> {
        self.locate(name).await.map(|(known, kind)| (known.client.clone(), kind))
    }

    async fn locate(&self, name: &str) -> Option<(&Known, ModelKind)> {
        let find = || self.endpoints.iter().find_map(|known| Some((known, known.serves(name)?)));
        if let Some(found) = find() {
            return Some(found);
        }
        self.ask(Duration::from_millis(self.discovery.after_failure_ms)).await;
        find()
    }

    /// The models that are known now: the endpoints' in the order of the settings, then the built-in ones; each name once.
    pub fn models(&self) -> Vec<CatalogModel> {
        let mut models: Vec<CatalogModel> = Vec::new();
        for known in &self.endpoints {
            for ListedModel { id, kind } in known.models() {
                let taken = models.iter().any(|model| model.name == id) || self.built_in.iter().any(|(name, _)| *name == id);
                if !taken {
                    models.push(CatalogModel { name: id, kind, endpoint: Some(known.client.url().to_owned()) });
                }
            }
        }
        models.extend(self.built_in.iter().map(|(name, _)| CatalogModel { name: name.clone(), kind: ModelKind::Text, endpoint: None }));
        models
    }

    /// The name of the model that answers when none is asked for: the first configured one that writes text, else the first built-in one.
    /// While no endpoint has listed a chat model, those that are due are asked.
    pub async fn default_model(&self) -> Option<String> {
        let first = || self.models().into_iter().find(|model| model.kind == ModelKind::Text);
        match first() {
            Some(model) if model.endpoint.is_some() => Some(model.name),
            _ => {
                self.refresh().await;
                first().map(|model| model.name)
            }
        }
    }
}
