//! For the tests of any Lectern crate: databases, that of an Albert API among them, search servers, exchanges that are
//! recorded and replayed, a scripted model server, an embedding model, a mail server, the contract of indexes, and synthetic texts for benches.

pub mod albert;
pub mod contract;
pub mod database;
pub mod exchanges;
mod named_server;
mod patience;
pub mod proxy;
pub mod qdrant_server;
pub mod search_server;
pub mod smtp;
pub mod synthetic;
pub mod tiny_bert;
pub mod upstream;

pub use database::{Contents, TestDatabase, on_every_database};
pub use patience::comes;

/// For tests and benches of crates that know no SQL themselves: what lies under the bridge.
pub use lectern_persistence as persistence;
