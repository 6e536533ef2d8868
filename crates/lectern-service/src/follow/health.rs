//! How the followers are: whether their tasks live, and how far behind the log they are.

use super::{EMBEDDER, Followers};
use crate::ServiceError;
use chrono::{DateTime, Utc};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        changes, collections,
        followers::{self, Engine},
    },
};
use std::{
    sync::atomic::{AtomicU8, Ordering::Relaxed},
    time::Duration,
};

/// The most entries of a collection that are counted as being behind.
const MOST: i64 = 10_000;

/// How a follower's task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum FollowerState {
    /// It was not started: a program that does not serve.
    NotStarted,
    /// It follows.
    Running,
    /// Its last pass failed; it goes on trying.
    Failing,
    /// It was told to stop, and did.
    Stopped,
    /// It ended by a defect.
    Dead,
}

impl FollowerState {
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
    pub(crate) fn set(&self, state: FollowerState) {
        self.0.store(state as u8, Relaxed);
    }

    fn get(&self) -> FollowerState {
        use FollowerState::{Dead, Failing, NotStarted, Running, Stopped};
        [NotStarted, Running, Failing, Stopped].into_iter().find(|state| *state as u8 == self.0.load(Relaxed)).unwrap_or(Dead)
    }
}

/// The states of all tasks.
#[derive(Debug, Default)]
pub(crate) struct Pulses {
    pub(crate) lexical: Pulse,
    pub(crate) embedder: Pulse,
    pub(crate) vectors: Pulse,
    pub(crate) maintenance: Pulse,
}

/// Says that a task is dead where it ends without having said that it stopped.
pub(crate) struct Living<'a>(pub(crate) &'a Pulse);

impl Drop for Living<'_> {
    fn drop(&mut self) {
        if self.0.get().lives() {
            self.0.set(if std::thread::panicking() { FollowerState::Dead } else { FollowerState::Stopped });
        }
    }
}

/// How far a kind of follower is behind the log, over all collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// `lexical`, `embedder` or `vectors`.
    pub follower: &'static str,
    /// Entries that it has not reached, at most 10,000 of each collection.
    pub entries: u64,
    /// The age of the oldest of them.
    pub age: Duration,
}

impl Followers {
    /// How each follower is, by its name.
    pub fn states(&self) -> [(&'static str, FollowerState); 4] {
        let pulses = &self.pulses;
        [
            ("lexical", pulses.lexical.get()),
            ("embedder", pulses.embedder.get()),
            ("vectors", pulses.vectors.get()),
            ("maintenance", pulses.maintenance.get()),
        ]
    }

    /// How far behind they are, whichever process follows for this folder. The embedder and the index of vectors follow where this
    /// process has a model.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn lags(&self) -> Result<Vec<Lag>, ServiceError> {
        let (folder, model) = (self.folder.follower_id(), self.embedder.as_ref().map(|embedder| embedder.spec().clone()));
        let read = move |conn: &mut Conn| {
            let heads = changes::heads(conn)?;
            let generations = collections::generations(conn)?;
            let now = Utc::now();
            let mut lags = Vec::new();
            for (engine, follower) in [(Engine::Lexical, folder), (Engine::Embedder, EMBEDDER), (Engine::Vectors, folder)] {
                let follows_model = engine != Engine::Lexical;
                if follows_model && model.is_none() {
                    continue;
                }
                let mut lag = Lag { follower: engine.as_str(), entries: 0, age: Duration::ZERO };
                for generation in &generations {
                    if follows_model && generation.model.as_ref().map(|model| &model.spec) != model.as_ref() {
                        continue;
                    }
                    let at = followers::cursor(conn, follower, engine, generation.id)?.map_or(0, |cursor| cursor.seq);
                    if heads.get(&generation.collection).is_some_and(|head| *head > at) {
                        let (entries, oldest) = changes::backlog(conn, generation.collection, at, MOST)?;
                        lag.entries += entries as u64;
                        lag.age = lag.age.max(age(now, oldest));
                    }
                }
                lags.push(lag);
            }
            Ok::<_, DbError>(lags)
        };
        Ok(self.bridge.read(read).await?)
    }
}

fn age(now: DateTime<Utc>, oldest: Option<DateTime<Utc>>) -> Duration {
    oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default()
}
