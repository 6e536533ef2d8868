//! What is in the models folder.

use super::{Layout, ModelError};
use lectern_domain::model::EmbeddingModelSpec;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file beside a model's own that says how to run it.
pub(super) const MANIFEST: &str = "lectern-model.json";

/// What a manifest holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    /// SHA-256 over the digests of the files and the layout, 64 hexadecimal digits.
    pub(super) revision: String,
    pub(super) dimensions: u32,
    /// SHA-256 of the weights, 64 hexadecimal digits: checked when they are loaded.
    pub(super) weights_sha256: String,
    /// Seconds since 1970, UTC.
    pub(super) installed_at: u64,
    pub(super) layout: Layout,
}

/// A model in the models folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModel {
    /// Its folder.
    pub folder: PathBuf,
    pub(super) manifest: Manifest,
}

impl InstalledModel {
    /// Its name. Several revisions may share it.
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// Its revision: a digest of the weights, the architecture, the tokenizer and the way in which it is run.
    pub fn revision(&self) -> &str {
        &self.manifest.revision
    }

    /// How it is run.
    pub fn layout(&self) -> &Layout {
        &self.manifest.layout
    }

    /// What identifies it.
    pub fn spec(&self) -> EmbeddingModelSpec {
        EmbeddingModelSpec {
            name: self.manifest.name.clone(),
            revision: self.manifest.revision.clone(),
            dimensions: self.manifest.dimensions,
        }
    }
}

/// The models in the models folder, by name, and for one name the latest installed last. A folder that is not there holds none.
/// Nothing but the small manifests is read.
///
/// # Errors
/// The folder or a manifest cannot be read.
pub fn installed(models_folder: &Path) -> Result<Vec<InstalledModel>, ModelError> {
    if !models_folder.exists() {
        return Ok(Vec::new());
    }
    let mut models = Vec::new();
    for entry in fs::read_dir(models_folder).map_err(ModelError::io(models_folder))? {
        let folder = entry.map_err(ModelError::io(models_folder))?.path();
        let hidden = folder.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && folder.join(MANIFEST).is_file() {
            models.push(read(folder)?);
        }
    }
    models.sort_by(|a, b| {
        (&a.manifest.name, a.manifest.installed_at, &a.folder).cmp(&(&b.manifest.name, b.manifest.installed_at, &b.folder))
    });
    Ok(models)
}

pub(super) fn read(folder: PathBuf) -> Result<InstalledModel, ModelError> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(ModelError::io(&path))?;
    let manifest = serde_json::from_slice(&bytes).map_err(|error| ModelError::malformed(path.to_string_lossy(), error))?;
    Ok(InstalledModel { folder, manifest })
}
