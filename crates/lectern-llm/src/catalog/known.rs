//! One endpoint, and what it is known to serve.

use crate::{
    Endpoint, HttpClient, LlmError,
    openai::{ListedModel, ModelKind, OpenAiClient},
};
use lectern_domain::Invalid;
use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// An endpoint and what it is known to serve.
pub(super) struct Known {
    pub(super) client: OpenAiClient,
    /// Whether the settings list the models: then the endpoint is never asked.
    listed: bool,
    models: RwLock<Vec<ListedModel>>,
    /// When it was asked last, and whether it answered. Held while it is asked, so that it is asked once at a time.
    asked: Mutex<Option<(Instant, bool)>>,
}

impl Known {
    /// An endpoint that was not asked yet.
    pub(super) fn new(http: &HttpClient, endpoint: &Endpoint) -> Result<Self, Invalid> {
        Ok(Self {
            client: OpenAiClient::new(http.clone(), endpoint)?,
            listed: endpoint.models.is_some(),
            models: RwLock::new(endpoint.models.iter().flatten().map(|id| ListedModel::named(id)).collect()),
            asked: Mutex::new(None),
        })
    }

    pub(super) fn models(&self) -> Vec<ListedModel> {
        self.models.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The kind of a model that this endpoint serves.
    pub(super) fn serves(&self, name: &str) -> Option<ModelKind> {
        let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
        models.iter().find(|model| model.id == name).map(|model| model.kind.clone())
    }

    /// Asks the endpoint, unless it was asked lately: within `pauses.0` after an answer, `pauses.1` after a failure.
    pub(super) async fn ask(&self, limit: Duration, pauses: (Duration, Duration)) {
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
