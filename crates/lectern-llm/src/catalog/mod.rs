//! Which chat models there are, and where.

mod known;

use crate::{
    ChatModel, Endpoint, HttpClient,
    openai::{Endpoints, ListedModel, ModelKind, OpenAiChat},
};
use known::Known;
use lectern_domain::Invalid;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::task::JoinHandle;

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
    /// The addresses of the endpoints that serve it; none for a built-in model.
    pub endpoints: Vec<String>,
    /// When it was made, in seconds since 1970; 0 where nobody says.
    pub created: u64,
    /// Who owns it; empty where nobody says.
    pub owned_by: String,
}

/// The models of the configured endpoints and the built-in ones. Where several endpoints serve a name, each request goes to the next of
/// them that has not failed lately. What the name is for is what the first of them says; those that say otherwise don't count.
pub struct ModelCatalog {
    endpoints: Vec<Known>,
    /// How often each model was located: whose turn it is. Holds only names that an endpoint serves.
    turns: Mutex<HashMap<String, usize>>,
    built_in: Vec<(String, Arc<dyn ChatModel>)>,
    discovery: Discovery,
}

impl ModelCatalog {
    /// A catalog of these endpoints, in the order of the settings. Nothing is asked yet: [`ModelCatalog::refresh`] or
    /// [`ModelCatalog::keep_fresh`] does, and so does asking for a model that is not known.
    ///
    /// # Errors
    /// An endpoint's address or key cannot be used.
    pub fn new(http: &HttpClient, endpoints: &[Endpoint], discovery: Discovery) -> Result<Self, Invalid> {
        let endpoints = endpoints.iter().map(|endpoint| Known::new(http, endpoint)).collect::<Result<_, Invalid>>()?;
        Ok(Self { endpoints, turns: Mutex::default(), built_in: Vec::new(), discovery })
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
        if let Some(model) = self.built_in(name) {
            return Some(model);
        }
        let (endpoints, kind) = self.locate(name).await?;
        (kind == ModelKind::Text).then(|| Arc::new(OpenAiChat::new(endpoints)) as Arc<dyn ChatModel>)
    }

    /// The built-in model of a name.
    pub fn built_in(&self, name: &str) -> Option<Arc<dyn ChatModel>> {
        self.built_in.iter().find(|(built_in, _)| built_in == name).map(|(_, model)| Arc::clone(model))
    }

    /// The endpoints that serve a model of any kind, for requests that are passed on. Where it is not known, the endpoints are asked again
    /// first (not more often than after a failure).
    pub async fn locate(&self, name: &str) -> Option<(Endpoints, ModelKind)> {
        if let Some(found) = self.locate_known(name) {
            return Some(found);
        }
        self.ask(Duration::from_millis(self.discovery.after_failure_ms)).await;
        self.locate_known(name)
    }

    /// The same without asking anybody.
    pub fn locate_known(&self, name: &str) -> Option<(Endpoints, ModelKind)> {
        let mut serving = self.endpoints.iter().filter_map(|known| Some((known, known.serves(name)?)));
        let (first, kind) = serving.next()?;
        let others = serving.filter(|(_, other)| *other == kind).map(|(known, _)| known);
        let clients = std::iter::once(first).chain(others).map(|known| known.client.clone()).collect();
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.entry(name.to_owned()).or_default();
        *turn = turn.wrapping_add(1);
        Some((Endpoints::in_turn(clients, turn.wrapping_sub(1))?, kind))
    }

    /// The models that are known now: the endpoints' in the order of the settings, then the built-in ones; each name once.
    pub fn models(&self) -> Vec<CatalogModel> {
        let mut models: Vec<CatalogModel> = Vec::new();
        let mut places: HashMap<String, usize> = self.built_in.iter().map(|(name, _)| (name.clone(), usize::MAX)).collect();
        for known in &self.endpoints {
            let url = known.client.url();
            for ListedModel { id, kind, created, owned_by } in known.models() {
                match places.get(&id).copied() {
                    None => {
                        places.insert(id.clone(), models.len());
                        models.push(CatalogModel { name: id, kind, endpoints: vec![url.to_owned()], created, owned_by });
                    }
                    Some(place) => {
                        if let Some(model) = models.get_mut(place)
                            && model.kind == kind
                            && !model.endpoints.iter().any(|known| known == url)
                        {
                            model.endpoints.push(url.to_owned());
                        }
                    }
                }
            }
        }
        models.extend(self.built_in.iter().map(|(name, _)| CatalogModel {
            name: name.clone(),
            kind: ModelKind::Text,
            endpoints: Vec::new(),
            created: 0,
            owned_by: String::new(),
        }));
        models
    }

    /// The name of the model that answers when none is asked for: the first configured one that writes text, else the first built-in one.
    /// While no endpoint has listed a chat model, those that are due are asked.
    pub async fn default_model(&self) -> Option<String> {
        let first = || self.models().into_iter().find(|model| model.kind == ModelKind::Text);
        match first() {
            Some(model) if !model.endpoints.is_empty() => Some(model.name),
            _ => {
                self.refresh().await;
                first().map(|model| model.name)
            }
        }
    }
}
