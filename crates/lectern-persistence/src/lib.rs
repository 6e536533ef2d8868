//! Lectern's SQL layer: Diesel over SQLite or PostgreSQL, chosen at run time by the scheme of a URL.
//!
//! [`Database`] is the one way in: `read` hands a pooled connection to a closure, `write` a transaction. What runs inside them
//! are the free functions of [`repo`], which take `&mut Conn` and answer with domain types; the structs of [`rows`] are the
//! tables' shapes. Everything here blocks its thread: async callers come through a bounded executor of their own.

pub mod catalogue;
pub mod conn;
mod database;
mod error;
pub mod init;
pub mod migrate;
pub mod repo;
pub mod rows;
pub mod schema;
#[cfg(feature = "postgres")]
pub mod seed;
pub mod transfer;
pub mod types;
#[cfg(feature = "postgres")]
pub mod vector_index;

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("lectern-persistence needs a backend: enable the feature `sqlite`, `postgres`, or both");

pub use conn::{Backend, Client, Conn, DatabaseUrl, UrlError};
pub use database::{Database, DatabaseOptions, PoolMeters, PoolState, Removal, Scratch, Tx, WriteKind, WriterMeters};
pub use error::{ConnectError, DbError};
