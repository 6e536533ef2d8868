//! Asking an index that may be down.

use super::breaker::Breaker;
use crate::{ServiceError, stores::WhenDown};
use lectern_domain::{
    meter::{Counter, Timings},
    search::{Hit, Side},
};
use lectern_vector_store::StoreError;
use std::time::Instant;

/// The hits of an index, or why it is left out.
pub(super) type Asked = Result<Vec<Hit>, ServiceError>;

/// What is known of an index by asking it.
#[derive(Debug)]
pub struct Guard {
    side: Side,
    breaker: Breaker,
    /// How long searches of it took that went well.
    pub times: Timings,
    /// Searches of it that failed, or were not begun since several had failed.
    pub failed: Counter,
    /// Searches that were answered without it.
    pub left_out: Counter,
}

/// Both indexes, and what is done where one is down.
#[derive(Debug)]
pub struct Guards {
    lexical: Guard,
    vectors: Guard,
    when_down: WhenDown,
}

impl Guards {
    pub(crate) fn new(when_down: WhenDown) -> Self {
        Self { lexical: Guard::new(Side::Lexical), vectors: Guard::new(Side::Vectors), when_down }
    }

    /// One of them.
    pub fn of(&self, side: Side) -> &Guard {
        match side {
            Side::Lexical => &self.lexical,
            Side::Vectors => &self.vectors,
        }
    }

    /// Asks an index. Where it can't be asked, a search may go on without it, unless the installation wants it to fail.
    ///
    /// # Errors
    /// What is wrong with the question, and too much waiting work.
    pub(super) async fn ask(&self, side: Side, search: impl Future<Output = Result<Vec<Hit>, StoreError>>) -> Result<Asked, ServiceError> {
        match self.of(side).ask(search).await {
            Ok(hits) => Ok(Ok(hits)),
            Err(error) if error.leaves_out() => self.leave_out(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// What comes of an index that can't be asked.
    ///
    /// # Errors
    /// The reason, where the installation wants searches to fail then.
    pub(super) fn leave_out(&self, error: ServiceError) -> Result<Asked, ServiceError> {
        match self.when_down {
            WhenDown::Degrade => Ok(Err(error)),
            WhenDown::Fail => Err(error),
        }
    }
}

impl Guard {
    fn new(side: Side) -> Self {
        Self { side, breaker: Breaker::default(), times: Timings::default(), failed: Counter::default(), left_out: Counter::default() }
    }

    /// Whether it answered when it was asked last.
    pub fn is_well(&self) -> bool {
        self.breaker.is_well()
    }

    async fn ask(&self, search: impl Future<Output = Result<Vec<Hit>, StoreError>>) -> Result<Vec<Hit>, StoreError> {
        let start = Instant::now();
        if !self.breaker.admits(start) {
            self.failed.up();
            return Err(StoreError::Unavailable { store: "the index", why: "it failed several times a moment ago".to_owned() });
        }
        let found = search.await;
        match &found {
            Ok(_) => {
                self.times.took(start.elapsed());
                if self.breaker.succeeded() {
                    tracing::info!(index = self.side.as_str(), "an index can be searched again");
                }
            }
            // It answered: one caller's question is no reason to leave the others without it.
            Err(error @ StoreError::BadRequest { .. }) => {
                self.failed.up();
                self.breaker.succeeded();
                tracing::warn!(index = self.side.as_str(), error = error as &dyn std::error::Error, "an index can't answer a question");
            }
            Err(error) if error.leaves_out() => {
                self.failed.up();
                if self.breaker.failed(Instant::now()) {
                    tracing::error!(index = self.side.as_str(), error = error as &dyn std::error::Error, "an index can't be searched");
                }
            }
            Err(_) => {}
        }
        found
    }
}
