//! Who is at the database at the moment, so that a process can end when nobody is.
//!
//! A pool opens connections in threads of its own. A process that ends in the middle of that pulls the TLS library away from under them, and
//! may die by a signal after its work is done.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Counts the threads that open or use a pooled connection. Once it is closed nobody comes in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<Inside>);

#[derive(Debug, Default)]
struct Inside {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    users: usize,
    closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes in until the pass is dropped; none once it is closed.
    pub(crate) fn enter(&self) -> Option<Pass<'_>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        state.users += 1;
        Some(Pass(self))
    }

    /// Lets nobody in any more, and waits for those inside; `false` where some are still there after `within`.
    pub(crate) fn close(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let mut state = self.state();
        state.closed = true;
        while state.users > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.0.left.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// A place behind a [`Gate`].
#[derive(Debug)]
pub(crate) struct Pass<'a>(&'a Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.users -= 1;
        if state.closed && state.users == 0 {
            self.0.0.left.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn closing_waits_for_those_inside_and_lets_nobody_in() {
        let gate = Gate::default();
        let pass = gate.enter().expect("it is open");
        assert!(!gate.close(Duration::ZERO));
        assert!(gate.enter().is_none());
        thread::scope(|scope| {
            let closing = scope.spawn(|| gate.close(Duration::from_secs(60)));
            drop(pass);
            assert!(closing.join().expect("no panic"));
        });
    }
}
