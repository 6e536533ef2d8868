//! The contract that every index keeps, whatever it is made of. Each step has a generation of its own.
#![expect(clippy::unwrap_used, reason = "a contract that is broken stops the test there")]

mod held;
mod late;
pub mod lexical;
pub mod vectors;
pub mod world;

use lectern_domain::ids::ChunkId;
use lectern_vector_store::Batch;

/// Changes that reach an entry of the log.
pub fn batch<Entry>(seq: i64, removes: Vec<ChunkId>, puts: Vec<Entry>) -> Batch<Entry> {
    Batch { seq, removes, puts }
}
