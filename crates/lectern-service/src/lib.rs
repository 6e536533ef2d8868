//! Lectern's use cases, one file a verb. The only crate that opens transactions, and the one place where the adapters meet.

pub mod accounts;
pub mod app;
pub mod blocking;
pub mod conversations;
mod error;

pub use error::ServiceError;
