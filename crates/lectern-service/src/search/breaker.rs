//! Leaving alone who failed several times in a row, so that nobody waits for what will not come.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How many failures in a row it takes.
const FAILURES: u32 = 3;

/// How long nobody is asked then; afterwards one at a time tries whether it is well again.
const REST: Duration = Duration::from_secs(5);

/// How long such a try is given before another one is made: the first may have been given up by its caller.
const TRIAL: Duration = Duration::from_secs(1);

/// A circuit breaker.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may be asked now.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.rests_until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.rests_until = Some(now + TRIAL);
                true
            }
        }
    }

    /// It answered; tells whether it had failed before.
    pub(super) fn succeeded(&self) -> bool {
        std::mem::take(&mut *self.state()).failures > 0
    }

    /// It failed; tells whether that was the first time.
    pub(super) fn failed(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(now + REST);
        }
        state.failures == 1
    }

    /// Whether it answered when it was asked last.
    pub(super) fn is_well(&self) -> bool {
        self.state().failures == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_are_a_rest_and_then_one_tries() {
        let (breaker, begin) = (Breaker::default(), Instant::now());
        assert_eq!([breaker.failed(begin), breaker.failed(begin)], [true, false]);
        assert!(breaker.admits(begin) && !breaker.is_well());
        breaker.failed(begin);
        assert!(!breaker.admits(begin) && !breaker.admits(begin + REST / 2));
        let later = begin + REST;
        assert_eq!([breaker.admits(later), breaker.admits(later)], [true, false], "one tries");
        let later = later + TRIAL;
        assert!(breaker.admits(later), "another one, since the first was never heard of");
        breaker.failed(later);
        assert!(!breaker.admits(later));
        assert!(breaker.succeeded());
        assert!(breaker.admits(later) && breaker.is_well() && !breaker.succeeded());
    }
}
