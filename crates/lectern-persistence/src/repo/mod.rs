//! What the application does with rows: one module for each aggregate, free functions on `&mut Conn`.

pub mod changes;
pub mod chunks;
pub mod collections;
pub mod dead_letters;
pub mod documents;
pub mod embeddings;
pub mod followers;
pub mod leases;
