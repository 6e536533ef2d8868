//! Whether an endpoint is being left alone, after it failed.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The longest time that an endpoint can ask to be left alone for (`Retry-After`).
const LONGEST_WISH: Duration = Duration::from_secs(300);

/// Until when an endpoint is left alone.
#[derive(Debug, Default)]
pub(super) struct Rest(Mutex<Option<Instant>>);

impl Rest {
    /// Whether it is left alone now.
    pub(super) fn is_on(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }

    /// It failed: it is left alone for `pause`, or for as long as it wishes where that is longer.
    pub(super) fn begin(&self, pause: Duration, wish: Option<Duration>) {
        let until = Instant::now() + pause.max(wish.unwrap_or_default().min(LONGEST_WISH));
        let mut rest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *rest = Some(rest.map_or(until, |before| before.max(until)));
    }

    /// It answered.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_of_both_pauses_counts_and_an_answer_ends_it() {
        let rest = Rest::default();
        assert!(!rest.is_on());
        rest.begin(Duration::ZERO, None);
        assert!(!rest.is_on());
        rest.begin(Duration::ZERO, Some(Duration::MAX));
        rest.begin(Duration::ZERO, None);
        assert!(rest.is_on());
        rest.end();
        assert!(!rest.is_on());
    }
}
