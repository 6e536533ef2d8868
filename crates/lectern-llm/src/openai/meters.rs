//! What the endpoints tell about themselves while they are asked.

use crate::LlmError;
use lectern_domain::meter::{Counter, Timings};
use std::sync::{Arc, Mutex, PoisonError};

/// How the attempts at one endpoint went.
#[derive(Debug, Default)]
pub struct UpstreamMeters {
    /// The address of the API, which holds no credentials.
    pub endpoint: String,
    /// From an attempt's start to the first part of its answer, or to its failure.
    pub times: Timings,
    /// An answer came.
    pub answered: Counter,
    /// A status that says that the request is wrong.
    pub refused: Counter,
    /// The statuses 429 and 5xx.
    pub failed: Counter,
    /// No connection, or one that broke.
    pub unreachable: Counter,
    /// No answer in time.
    pub timed_out: Counter,
}

impl UpstreamMeters {
    /// The counts, each with a word for it.
    pub fn outcomes(&self) -> [(&'static str, u64); 5] {
        [
            ("answered", self.answered.get()),
            ("refused", self.refused.get()),
            ("failed", self.failed.get()),
            ("unreachable", self.unreachable.get()),
            ("timed_out", self.timed_out.get()),
        ]
    }

    /// The counter of an attempt's outcome.
    pub(super) fn outcome<T>(&self, outcome: &Result<T, LlmError>) -> &Counter {
        match outcome {
            Ok(_) => &self.answered,
            Err(LlmError::Status { status, .. }) if *status == 429 || *status >= 500 => &self.failed,
            Err(LlmError::TimedOut(_)) => &self.timed_out,
            Err(LlmError::Unreachable(_)) => &self.unreachable,
            Err(_) => &self.refused,
        }
    }
}

/// The meters of all endpoints that share a client.
#[derive(Debug, Clone, Default)]
pub struct Upstreams(Arc<Mutex<Vec<Arc<UpstreamMeters>>>>);

impl Upstreams {
    /// All of them, in the order in which they were first named.
    pub fn all(&self) -> Vec<Arc<UpstreamMeters>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those of an address; the same for everybody who names it.
    pub(super) fn of(&self, endpoint: &str) -> Arc<UpstreamMeters> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|known| known.endpoint == endpoint) {
            return Arc::clone(known);
        }
        let new = Arc::new(UpstreamMeters { endpoint: endpoint.to_owned(), ..UpstreamMeters::default() });
        all.push(Arc::clone(&new));
        new
    }
}
