//! What every command is given.

use crate::{args::Args, output::Output};
use lectern_domain::collection::CollectionName;
use lectern_service::{ServiceError, app::App, follow::Running};
use lectern_settings::{EmbeddingsProvider, Origin, Settings};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Settings, and where results go.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) out: Output,
    app: OnceLock<Arc<App>>,
    following: Mutex<Option<Running>>,
}

impl Context {
    /// Reads the settings and starts the log. Unless a level is set, only warnings are logged: results speak for themselves.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Self> {
        let settings = args.common.settings(Vec::new())?;
        let mut log = settings.log.clone();
        if settings.origin("log.level") == Origin::Default {
            log.level = "warn".to_owned();
        }
        lectern_compose::start_logging(&log);
        Ok(Self { settings, out: Output { json: args.json }, app: OnceLock::new(), following: Mutex::default() })
    }

    /// Everything that the settings describe.
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<App>> {
        self.open_with(&self.settings).await
    }

    async fn open_with(&self, settings: &Settings) -> anyhow::Result<Arc<App>> {
        let app = Box::pin(lectern_compose::open(settings)).await?;
        Ok(self.app.get_or_init(|| app).clone())
    }

    /// The same, without the embedding model, which takes its time to load.
    pub(crate) async fn open_without_model(&self) -> anyhow::Result<Arc<App>> {
        let mut settings = self.settings.clone();
        settings.embeddings.provider = EmbeddingsProvider::None;
        self.open_with(&settings).await
    }

    /// Everything, with the indexes at the end of the log where this process may write them: their folder may have been deleted.
    pub(crate) async fn open_caught_up(&self) -> anyhow::Result<Arc<App>> {
        let app = self.open().await?;
        app.followers.check_stores().await?;
        match Box::pin(app.followers.catch_up()).await {
            Ok(()) => {}
            // What is there can be searched all the same.
            Err(error @ ServiceError::Llm(_)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the embedding model fails: newer documents are found by words only"
                );
            }
            Err(ServiceError::Store(error)) if error.may_pass() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an index is down: what it has not been told of is not found");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(app)
    }

    /// Follows the change log until the command ends: what it adds is indexed meanwhile, and whoever else adds documents does not wait for a
    /// process that holds the indexes and answers.
    pub(crate) fn follow(&self, app: &Arc<App>) {
        *self.following.lock().unwrap_or_else(PoisonError::into_inner) = Some(app.followers.start());
    }

    /// Ends what runs in the background and the use of the database, in order, however the command went.
    pub(crate) async fn close(&self) {
        let following = self.following.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(following) = following {
            Box::pin(following.stop()).await;
        }
        if let Some(app) = self.app.get() {
            app.close().await;
        }
    }

    /// The collection that was named, or else the one that the settings name.
    pub(crate) fn collection(&self, named: Option<CollectionName>) -> anyhow::Result<CollectionName> {
        match named {
            Some(name) => Ok(name),
            None => Ok(CollectionName::try_from(self.settings.search.default_collection.clone())?),
        }
    }
}
