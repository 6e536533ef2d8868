//! Waiting for another process, which tells nobody how far it is.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long is waited at most: far more than any machine needs, since nothing but a failing test waits so long.
const LIMIT: Duration = Duration::from_secs(120);

/// The pause between two looks, so that who is waited for gets the processor.
const PAUSE: Duration = Duration::from_millis(1);

/// Looks until something is so; `false` where it never was.
pub fn comes(mut is_so: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begun.elapsed() > LIMIT {
            return false;
        }
        thread::sleep(PAUSE);
    }
}
