//! What the application does with rows: one module for each aggregate, free functions on `&mut Conn`.

pub mod api_tokens;
pub mod blacklist;
pub mod catalogue;
pub mod changes;
pub mod chats;
pub mod chunks;
pub mod collections;
pub mod dead_letters;
pub mod documents;
pub mod embeddings;
pub mod feedbacks;
pub mod followers;
pub mod freezes;
pub mod index_entries;
pub mod installation;
pub mod jobs;
pub mod leases;
pub mod rate_limits;
pub mod recut;
pub mod reset_tokens;
pub mod runs;
pub mod sequences;
pub mod sources;
pub mod streams;
pub mod uploads;
pub mod users;
