//! How the followers are: whether their tasks live, and how far behind the log they are.

use super::{EMBEDDER, Followers};
use crate::{
    ServiceError,
    pulse::{Pulse, TaskState},
};
use chrono::{DateTime, Utc};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        changes, collections,
        followers::{self, Engine},
    },
};
use std::time::Duration;

/// The most entries of a collection that are counted as being behind.
const MOST: i64 = 10_000;

/// The states of all tasks.
#[derive(Debug, Default)]
pub(crate) struct Pulses {
    pub(crate) lexical: Pulse,
    pub(crate) embedder: Pulse,
    pub(crate) vectors: Pulse,
    pub(crate) maintenance: Pulse,
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
    pub fn states(&self) -> [(&'static str, TaskState); 4] {
        let pulses = &self.pulses;
        [
            ("lexical", pulses.lexical.get()),
            ("embedder", pulses.embedder.get()),
            ("vectors", pulses.vectors.get()),
            ("maintenance", pulses.maintenance.get()),
        ]
    }

    /// How far behind they are, whichever process follows. The embedder and the index of vectors follow where this
    /// process has a model.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn lags(&self) -> Result<Vec<Lag>, ServiceError> {
        let model = self.embedder.as_ref().map(|embedder| embedder.spec().clone());
        let (lexical, vectors) = (self.lexical_seat.follower, self.vectors_seat.follower);
        let read = move |conn: &mut Conn| {
            let heads = changes::heads(conn)?;
            let generations = collections::generations(conn)?;
            let now = Utc::now();
            let mut lags = Vec::new();
            for (engine, follower) in [(Engine::Lexical, lexical), (Engine::Embedder, EMBEDDER), (Engine::Vectors, vectors)] {
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
