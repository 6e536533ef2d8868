//! Where the vectors are.

use std::{fmt, time::Duration};

/// Where the vectors are, and how they are asked for.
#[derive(Clone)]
pub struct PgvectorOptions {
    /// The database's URL; may hold a password.
    pub url: String,
    /// Connections for searches.
    pub connections: u32,
    /// The longest that a search may take.
    pub timeout: Duration,
}

impl fmt::Debug for PgvectorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgvectorOptions").field("connections", &self.connections).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
