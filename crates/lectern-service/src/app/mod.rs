//! What every use case is given, and how it is put together.

mod allowances;
mod database;
mod embedder;
mod open;
mod texts;

pub use allowances::Allowances;
pub use database::{DatabaseSpec, open_database};
pub use embedder::Embeddings;
pub use open::AppOptions;
pub use texts::TextFiles;

use crate::{
    accounts::Auth,
    answer::{Postprocessing, Runs},
    blocking::Bridge,
    corpora::LoadLimits,
    follow::Followers,
    jobs::Jobs,
    lifecycle::Lifecycle,
    mail::Mailer,
    prompts::{Acronyms, Prompts},
    search::Guards,
};
use lectern_domain::collection::CollectionName;
use lectern_llm::{catalog::ModelCatalog, openai::Upstreams};
use lectern_persistence::Database;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// How long the end of the process waits for the database to be left alone.
const CLOSING: Duration = Duration::from_secs(10);

/// The application: made once at start, shared by all requests.
pub struct App {
    /// The way to the database and to threads that may block.
    pub bridge: Bridge,
    /// What is in hand, and how the process ends.
    pub lifecycle: Lifecycle,
    /// What accounts need: keys, lifetimes, lists.
    pub auth: Auth,
    /// The indexes, and those who keep them up to date.
    pub followers: Arc<Followers>,
    /// What is known of the indexes by searching them.
    pub guards: Guards,
    /// Work in the background.
    pub jobs: Arc<Jobs>,
    /// How people are written to.
    pub mail: Arc<Mailer>,
    /// The institutions that a user may name.
    pub institutions: Vec<String>,
    /// The models that answer.
    pub models: Arc<ModelCatalog>,
    /// What the endpoints of models tell about themselves.
    pub upstreams: Upstreams,
    /// What models are told.
    pub prompts: Prompts,
    /// What acronyms in questions stand for.
    pub acronyms: Acronyms,
    /// What is masked in answers.
    pub postprocessing: Arc<Postprocessing>,
    /// The answers that are being written.
    pub runs: Arc<Runs>,
    /// The model that answers where none is asked for; none takes the catalog's first.
    pub default_model: Option<String>,
    /// The collection that is searched where none is named.
    pub default_collection: CollectionName,
    /// The most passages that a search may ask for.
    pub search_limit: usize,
    /// How documents that are sent are read, and how new collections cut theirs.
    pub load_limits: LoadLimits,
    /// How much may be sent.
    pub allowances: Allowances,
    /// The folder below which everything is written.
    pub data_dir: PathBuf,
    /// Whatever has to be closed before the process ends.
    databases: Vec<Database>,
}

impl App {
    /// Ends the use of the databases, so that the process can end: what runs is waited for, what comes is refused.
    pub async fn close(&self) {
        let databases = self.databases.clone();
        let close = move || databases.iter().filter(|database| !database.close(CLOSING)).count() == 0;
        match self.bridge.compute(close).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(seconds = CLOSING.as_secs(), "the database is still busy; the process ends all the same"),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the database could not be closed"),
        }
    }
}
