//! Putting the application together.

use super::{Allowances, App, Embeddings, TextFiles};
use crate::{
    ServiceError,
    accounts::Auth,
    answer::{RunOptions, Runs},
    blocking::Bridge,
    corpora::LoadLimits,
    follow::{FollowOptions, Followers},
    jobs::{JobOptions, Jobs},
    lifecycle::Lifecycle,
    mail::{MailOptions, Mailer},
    search::Guards,
    stores::{StoreOptions, Stores},
};
use lectern_domain::collection::CollectionName;
use lectern_llm::{
    Embedder, Endpoint, HttpClient, HttpOptions,
    catalog::{Discovery, ModelCatalog},
    extractive::{EXTRACTIVE_MODEL, ExtractiveModel},
};
use lectern_persistence::{Database, DbError, repo::installation};
use std::{iter, path::PathBuf, sync::Arc};

/// What the application is made of.
pub struct AppOptions {
    /// The folder below which everything is written.
    pub data_dir: PathBuf,
    /// Keys, lifetimes and lists of accounts.
    pub auth: Auth,
    /// The endpoints of chat models.
    pub endpoints: Vec<Endpoint>,
    /// How endpoints are called.
    pub http: HttpOptions,
    /// The model that answers where none is asked for.
    pub default_model: Option<String>,
    /// Who turns texts into vectors.
    pub embeddings: Embeddings,
    /// The indexes.
    pub stores: StoreOptions,
    /// How the change log is followed.
    pub follow: FollowOptions,
    /// How work in the background is done.
    pub jobs: JobOptions,
    /// How people are written to.
    pub mail: MailOptions,
    /// The institutions that a user may name.
    pub institutions: Vec<String>,
    /// The collection that is searched where none is named.
    pub default_collection: CollectionName,
    /// The most passages that a search may ask for.
    pub search_limit: usize,
    /// How documents that are sent are read, and how new collections cut theirs.
    pub load_limits: LoadLimits,
    /// How much may be sent.
    pub allowances: Allowances,
    /// What models are told.
    pub texts: TextFiles,
    /// How answers are written.
    pub runs: RunOptions,
}

impl AppOptions {
    /// No endpoints and no vectors; searches go to the collection `documents`.
    ///
    /// # Errors
    /// None in practice: the collection's name is a valid one.
    pub fn new(data_dir: PathBuf, auth: Auth) -> Result<Self, ServiceError> {
        Ok(Self {
            data_dir,
            auth,
            endpoints: Vec::new(),
            http: HttpOptions::default(),
            default_model: None,
            embeddings: Embeddings::None,
            stores: StoreOptions::default(),
            follow: FollowOptions::default(),
            jobs: JobOptions::default(),
            mail: MailOptions::default(),
            institutions: Vec::new(),
            default_collection: CollectionName::try_from("documents".to_owned())?,
            search_limit: 100,
            load_limits: LoadLimits::default(),
            allowances: Allowances::default(),
            texts: TextFiles::default(),
            runs: RunOptions::default(),
        })
    }
}

impl App {
    /// Opens the indexes of an up-to-date database and loads what else is needed. Nothing runs in the background yet.
    ///
    /// # Errors
    /// [`ServiceError`] where a folder, the database or a model cannot be opened; its text says what to do.
    pub async fn open(database: Database, options: AppOptions) -> Result<Arc<Self>, ServiceError> {
        Self::open_with(database, options, None).await
    }

    /// The same, with an embedder of the caller's instead of the one that the options name.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(
        database: Database,
        options: AppOptions,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Arc<Self>, ServiceError> {
        let bridge = Bridge::start(database).map_err(|error| ServiceError::internal("starting threads", error))?;
        let http = HttpClient::new(options.http)?;
        let catalog = ModelCatalog::new(&http, &options.endpoints, Discovery::default())?;
        let models = Arc::new(catalog.with_built_in(EXTRACTIVE_MODEL, Arc::new(ExtractiveModel)));
        let embedder = match embedder {
            Some(embedder) => Some(embedder),
            None => options.embeddings.open(&http, &options.data_dir, &bridge).await?,
        };
        let files = options.texts;
        let texts = bridge.compute(move || files.read()).await??;
        let installation = bridge.read::<_, DbError>(installation::id).await?;
        let stores = Stores::open(&options.stores, options.data_dir.clone(), &bridge, installation).await?;
        let databases = iter::once(bridge.database()).chain(&stores.databases).cloned().collect();
        let runs = Runs::open(bridge.clone(), options.runs).await?;
        let followers = Followers::new(bridge.clone(), stores, embedder, options.follow).await?;
        Ok(Arc::new(Self {
            bridge,
            lifecycle: Lifecycle::default(),
            auth: options.auth,
            followers,
            guards: Guards::new(options.stores.when_down),
            jobs: Arc::new(Jobs::new(options.jobs)),
            mail: Arc::new(Mailer::new(options.mail)?),
            institutions: options.institutions,
            models,
            upstreams: http.upstreams().clone(),
            prompts: texts.prompts,
            acronyms: texts.acronyms,
            postprocessing: Arc::new(texts.postprocessing),
            runs,
            default_model: options.default_model,
            default_collection: options.default_collection,
            search_limit: options.search_limit,
            load_limits: options.load_limits,
            allowances: options.allowances,
            data_dir: options.data_dir,
            databases,
        }))
    }
}
