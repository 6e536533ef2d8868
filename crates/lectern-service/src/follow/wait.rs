//! Waiting until what was written can be found.

use super::{EMBEDDER, Followers, position::START};
use crate::ServiceError;
use lectern_domain::{change::Cursor, collection::Generation, ids::FollowerId};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        changes,
        followers::{self, Engine},
    },
};
use lectern_vector_store::StoreError;
use std::time::Duration;
use tokio::time::Instant;

/// How often the cursors of another process are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How much longer a pass gets that is under way when the time is over, so that it can say what is wrong.
const GRACE: Duration = Duration::from_secs(15);

/// Until when somebody waits, and how long that was at first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    until: Instant,
    whole: Duration,
}

impl Limit {
    pub(crate) fn after(whole: Duration) -> Self {
        Self { until: Instant::now() + whole, whole }
    }
}

/// How far a generation's followers have come; none where one has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    lexical: Option<i64>,
    embedder: Option<i64>,
    vectors: Option<i64>,
}

/// How long somebody waits.
#[derive(Debug, Clone, Copy)]
enum Patience {
    /// As long as something moves at least this often.
    Moving(Duration),
    /// Until then, whatever moves.
    Until(Instant, Duration),
}

impl Patience {
    fn is_over(self, moved: Instant) -> bool {
        match self {
            Self::Moving(stall) => moved.elapsed() > stall,
            Self::Until(until, _) => Instant::now() >= until,
        }
    }

    fn error(self, down: Option<StoreError>) -> ServiceError {
        match (self, down) {
            (Self::Moving(_), Some(source)) => ServiceError::NotIndexed { source },
            (Self::Moving(stall), None) => ServiceError::NotFollowed { seconds: stall.as_secs() },
            (Self::Until(_, limit), source) => ServiceError::NotCaughtUp { seconds: limit.as_secs(), source },
        }
    }
}

impl Followers {
    /// Returns when everything that is in a generation's log now can be found: this process follows where it may, and waits for the
    /// holder of the folder, or for the process that embeds, where another one does.
    ///
    /// # Errors
    /// [`ServiceError::NotFollowed`], and [`ServiceError::NotIndexed`] where a store is down, where nothing moved for `FollowOptions::stall`:
    /// what was written is safe and will be found later.
    pub async fn wait(&self, generation: &Generation) -> Result<(), ServiceError> {
        match self.end(generation).await? {
            Some(target) => self.reach(generation, target, Patience::Moving(self.options.stall)).await,
            None => Ok(()),
        }
    }

    /// The same with a limit, after which it is given up; and where the log is empty, each index has been filled from the tables when it
    /// returns.
    ///
    /// # Errors
    /// [`ServiceError::NotCaughtUp`], and failures of the database, the indexes and the model.
    pub(crate) async fn wait_until(&self, generation: &Generation, limit: Limit) -> Result<(), ServiceError> {
        let target = self.end(generation).await?.unwrap_or(START);
        self.reach(generation, target, Patience::Until(limit.until, limit.whole)).await
    }

    /// Whether this process's model is the generation's.
    pub(crate) fn embeds(&self, generation: &Generation) -> bool {
        let spec = self.embedder.as_ref().map(|embedder| embedder.spec());
        spec.is_some() && generation.model.as_ref().map(|model| &model.spec) == spec
    }

    async fn reach(&self, generation: &Generation, target: Cursor, patience: Patience) -> Result<(), ServiceError> {
        let (embeds, has_vectors) = (self.embeds(generation), generation.model.is_some());
        // The embedder's own entries come after what it embedded, so the end that the vector index must reach is known later. Where this
        // process has another model, or none, nobody is known to embed, and what is embedded is waited for.
        let awaited = embeds || (has_vectors && matches!(patience, Patience::Until(..)));
        let mut vectors_target = (!embeds).then_some(target);
        let (mut seen, mut moved, mut down) = (None, Instant::now(), None);
        loop {
            self.take_over().await?;
            // A pass can be left at any point, and may take as long as filling an index does.
            let passed = match patience {
                Patience::Moving(_) => self.passes().await,
                Patience::Until(until, _) => match tokio::time::timeout_at(until + GRACE, self.passes()).await {
                    Ok(passed) => passed,
                    Err(_elapsed) => {
                        self.leave().await;
                        return Err(patience.error(down));
                    }
                },
            };
            down = [outage(passed.lexical)?, outage(passed.vectors)?].into_iter().flatten().next();
            if embeds {
                passed.embedder?;
            }
            let reached = self.reached(generation).await?;
            // Of an empty log there is nothing to embed.
            if vectors_target.is_none() && (target == START || reached.embedder >= Some(target.seq)) {
                vectors_target = self.end(generation).await?.or(Some(START));
            }
            let vectors = !awaited || vectors_target.is_some_and(|target| reached.vectors >= Some(target.seq));
            if reached.lexical >= Some(target.seq) && vectors {
                return self.flush().await;
            }
            if seen != Some(reached) {
                (seen, moved) = (Some(reached), Instant::now());
            }
            if patience.is_over(moved) {
                return Err(patience.error(down));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether what stands between two numbers of a generation's log, after the first and up to the second, can be found: by its words, and by
    /// its vectors where this process embeds for the generation.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn has_indexed(&self, generation: &Generation, between: (i64, i64)) -> Result<bool, ServiceError> {
        let (_, last) = between;
        let reached = self.reached(generation).await?;
        if reached.lexical < Some(last) {
            return Ok(false);
        }
        if !self.embeds(generation) {
            return Ok(true);
        }
        let Some(vectors) = reached.vectors.filter(|vectors| *vectors >= last && reached.embedder >= Some(last)) else { return Ok(false) };
        // The embedder's own entries come after what it embedded.
        let collection = generation.collection;
        Ok(!self.bridge.read(move |conn| changes::embedded_is_ahead(conn, collection, vectors, between)).await?)
    }

    /// The end of a generation's log.
    async fn end(&self, generation: &Generation) -> Result<Option<Cursor>, ServiceError> {
        let collection = generation.collection;
        Ok(self.bridge.read(move |conn| changes::last(conn, collection)).await?)
    }

    async fn reached(&self, generation: &Generation) -> Result<Reached, ServiceError> {
        let (lexical, vectors, id) = (self.lexical_seat.follower, self.vectors_seat.follower, generation.id);
        let at = move |conn: &mut Conn, follower: FollowerId, engine| {
            followers::cursor(conn, follower, engine, id).map(|cursor| cursor.map(|cursor| cursor.seq))
        };
        Ok(self
            .bridge
            .read(move |conn| {
                Ok::<_, DbError>(Reached {
                    lexical: at(conn, lexical, Engine::Lexical)?,
                    embedder: at(conn, EMBEDDER, Engine::Embedder)?,
                    vectors: at(conn, vectors, Engine::Vectors)?,
                })
            })
            .await?)
    }
}

/// A store that is down may be back in a moment: it is waited for. Other failures end the wait.
fn outage(passed: Result<bool, ServiceError>) -> Result<Option<StoreError>, ServiceError> {
    match passed {
        Ok(_) => Ok(None),
        Err(ServiceError::Store(error)) if error.may_pass() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
