//! Lectern's use cases, one file a verb. The only crate that opens transactions, and the one place where the adapters meet.

pub mod accounts;
pub mod answer;
pub mod app;
pub mod blocking;
pub mod conversations;
pub mod corpora;
mod error;
pub mod follow;
pub mod search;

pub use error::ServiceError;
