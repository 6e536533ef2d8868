//! Counting what happens, without knowing who reads it: numbers that any crate may raise, and that the HTTP layer shows to whoever
//! watches the installation. Raising one is an atomic addition.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// How often something happened.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// It happened once more.
    pub fn up(&self) {
        self.add(1);
    }

    /// It happened so many times more.
    pub fn add(&self, times: u64) {
        self.0.fetch_add(times, Relaxed);
    }

    /// How often so far.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// How many there are of something now.
#[derive(Debug, Default)]
pub struct Level(AtomicU64);

impl Level {
    /// One more.
    pub fn up(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// One less. Every call has an [`Level::up`] before it.
    pub fn down(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// How many now.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The upper bounds of the groups in which [`Timings`] counts, in seconds.
pub const BOUNDS_S: [f64; 16] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// How long something took, in groups.
#[derive(Debug, Default)]
pub struct Timings {
    /// One for each of [`BOUNDS_S`], and one for what took longer.
    groups: [AtomicU64; BOUNDS_S.len() + 1],
    sum_ns: AtomicU64,
}

/// What [`Timings`] counted so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// How many there were in each group; the last one is for what took longer than the last of [`BOUNDS_S`].
    pub groups: [u64; BOUNDS_S.len() + 1],
    /// How many there were.
    pub count: u64,
    /// How long they took together, in seconds.
    pub sum_s: f64,
}

impl Timings {
    /// It took so long once more.
    pub fn took(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let group = BOUNDS_S.partition_point(|bound| *bound < seconds);
        self.groups[group].fetch_add(1, Relaxed);
        self.sum_ns.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// What was counted so far. What is raised meanwhile may be in one of the numbers and not yet in another.
    pub fn counted(&self) -> Counted {
        let groups = std::array::from_fn(|group| self.groups[group].load(Relaxed));
        Counted { count: groups.iter().sum(), groups, sum_s: Duration::from_nanos(self.sum_ns.load(Relaxed)).as_secs_f64() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_in_the_first_group_that_holds_it() {
        let timings = Timings::default();
        for microseconds in [0, 500, 501, 1_000, 59_999_999, 60_000_001] {
            timings.took(Duration::from_micros(microseconds));
        }
        let counted = timings.counted();
        assert_eq!((counted.groups[0], counted.groups[1], counted.groups[15], counted.groups[16]), (2, 2, 1, 1));
        assert_eq!(counted.count, 6);
        assert!((counted.sum_s - 120.002_001).abs() < 1e-9, "{}", counted.sum_s);
    }

    #[test]
    fn levels_go_up_and_down() {
        let level = Level::default();
        level.up();
        level.up();
        level.down();
        assert_eq!(level.get(), 1);
    }
}
