//! The clients against a scripted upstream, and the in-process embedder against models small and real.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod catalog;
mod chat;
mod embeddings;
mod forward;
#[cfg(feature = "local-embeddings")]
mod local;
mod pool;
#[cfg(feature = "local-embeddings")]
mod reference;
mod secrets;
mod support;
