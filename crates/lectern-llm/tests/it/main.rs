//! The clients against a scripted upstream, and the in-process embedder against models small and real.

mod catalog;
mod chat;
mod embeddings;
#[cfg(feature = "local-embeddings")]
mod local;
#[cfg(feature = "local-embeddings")]
mod reference;
mod secrets;
mod support;
#[cfg(feature = "local-embeddings")]
mod tiny;
