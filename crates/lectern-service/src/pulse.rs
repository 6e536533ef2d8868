//! Whether tasks that run as long as the process does are alive, and how long they rest when they fail.

use std::{
    sync::atomic::{AtomicU8, Ordering::Relaxed},
    time::Duration,
};

/// The longest rest of a task that fails.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// How long such a task rests after that many failures in a row: 200 ms after the first, then twice as long each time, to 30 s.
pub(crate) fn rest_after(failures: u32) -> Duration {
    LONGEST_REST.min(Duration::from_millis(100 << failures.min(10)))
}

/// How long tasks rest that have something to write in a database that is frozen.
pub(crate) const WHILE_FROZEN: Duration = Duration::from_secs(1);

/// How such a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TaskState {
    /// It was not started: a program that does not serve.
    NotStarted,
    /// It does its work.
    Running,
    /// Its last pass failed; it goes on trying.
    Failing,
    /// It was told to stop, and did.
    Stopped,
    /// It ended by a defect.
    Dead,
}

impl TaskState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::Running => "running",
            Self::Failing => "failing",
            Self::Stopped => "stopped",
            Self::Dead => "dead",
        }
    }

    /// Whether the task goes on and its last pass went well.
    pub const fn is_well(self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether the task goes on.
    pub const fn lives(self) -> bool {
        matches!(self, Self::Running | Self::Failing)
    }
}

/// One task's state, to be written by it and read by others.
#[derive(Debug, Default)]
pub(crate) struct Pulse(AtomicU8);

impl Pulse {
    pub(crate) fn set(&self, state: TaskState) {
        self.0.store(state as u8, Relaxed);
    }

    pub(crate) fn get(&self) -> TaskState {
        use TaskState::{Dead, Failing, NotStarted, Running, Stopped};
        [NotStarted, Running, Failing, Stopped].into_iter().find(|state| *state as u8 == self.0.load(Relaxed)).unwrap_or(Dead)
    }
}

/// Says that a task is dead where it ends without having said that it stopped.
pub(crate) struct Living<'a>(pub(crate) &'a Pulse);

impl Drop for Living<'_> {
    fn drop(&mut self) {
        if self.0.get().lives() {
            self.0.set(if std::thread::panicking() { TaskState::Dead } else { TaskState::Stopped });
        }
    }
}
