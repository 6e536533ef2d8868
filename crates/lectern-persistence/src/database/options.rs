//! Sizes and times of a [`Database`](super::Database).

use std::time::Duration;

/// How many connections, how long the waits, how long the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// Pooled connections; on SQLite those that read, beside the one that writes. Give the executor in front as many threads.
    pub connections: u32,
    /// How long a caller waits for a connection, or for one to be made.
    pub acquire_timeout: Duration,
    /// SQLite: how many writes may wait for the writer; past it they are [`Overloaded`](crate::DbError::Overloaded) at once.
    pub write_queue: usize,
    /// SQLite: how many waiting writes share a transaction.
    pub group: usize,
}

impl Default for DatabaseOptions {
    /// Two connections a core, 4 to 32; 5 seconds; 1,024 waiting writes in groups of 64.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
        Self { connections: (2 * cores).clamp(4, 32), acquire_timeout: Duration::from_secs(5), write_queue: 1_024, group: 64 }
    }
}
