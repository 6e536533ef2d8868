//! What can be wrong with a model's files.

use std::{io, path::PathBuf};

/// A model that cannot be installed or read. The message is one line and says what to do where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no model in what was given.
    #[error("no {missing} in {}; a model needs config.json, tokenizer.json, model.safetensors", .path.display())]
    Missing {
        /// The folder or archive.
        path: PathBuf,
        /// The first file that is missing.
        missing: &'static str,
    },
    /// There are several.
    #[error("several models in {}: {}; give the folder of one", .path.display(), .folders.join(", "))]
    Several {
        /// The folder or archive.
        path: PathBuf,
        /// Where they are in it.
        folders: Vec<String>,
    },
    /// A kind of model that is not supported.
    #[error("{0}")]
    Unsupported(String),
    /// A file that is not what its name says.
    #[error("{file}: {why}")]
    Malformed {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file above its bound.
    #[error("{file} is larger than {limit} bytes")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The bound.
        limit: u64,
    },
    /// A name that cannot be a folder's.
    #[error(
        "{0:?} cannot be a model's name; use letters, digits, dots, hyphens, underscores, at most 100, beginning with a letter or digit"
    )]
    Name(String),
    /// The file system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The archive cannot be read.
    #[error("{} is not a readable zip or wheel: {source}", .path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        #[source]
        source: zip::result::ZipError,
    },
    /// The model does not run.
    #[error("the model cannot be run: {0}")]
    Run(#[from] candle_core::Error),
    /// The tokenizer does not work.
    #[error("tokenizer.json: {0}")]
    Tokenizer(#[source] tokenizers::Error),
}

impl ModelError {
    /// For `map_err`: an error of the file system at a path.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(super) fn malformed(file: impl Into<String>, why: impl ToString) -> Self {
        Self::Malformed { file: file.into(), why: why.to_string() }
    }
}
