//! What a database tells about itself while it works.

use super::Database;
use lectern_domain::meter::{Counter, Level, Timings};

/// The pool's connections and the waits for them.
#[derive(Debug, Default)]
pub struct PoolMeters {
    /// How long callers waited for a connection, or in vain.
    pub waits: Timings,
    /// How often there was none in time.
    pub none: Counter,
}

/// SQLite's one writer.
#[derive(Debug, Default)]
pub struct WriterMeters {
    /// Writes that wait for it.
    pub waiting: Level,
    /// Writes that were not taken, since too many waited.
    pub refused: Counter,
    /// Writes that were answered.
    pub writes: Counter,
    /// Transactions, each of which many writes may share.
    pub groups: Counter,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// The most that there may be.
    pub most: u32,
    /// Those that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
}

impl Database {
    /// The waits for the pool's connections.
    pub fn pool_meters(&self) -> &PoolMeters {
        &self.inner.meters
    }

    /// The pool's connections now.
    pub fn pool_state(&self) -> PoolState {
        let state = self.inner.pool.state();
        PoolState { most: self.inner.pool.max_size(), open: state.connections, idle: state.idle_connections }
    }

    /// The writer's numbers; none on PostgreSQL, where every connection writes.
    pub fn writer_meters(&self) -> Option<&WriterMeters> {
        #[cfg(feature = "sqlite")]
        return self.inner.writer.as_ref().map(|writer| &*writer.meters);
        #[cfg(not(feature = "sqlite"))]
        None
    }
}
