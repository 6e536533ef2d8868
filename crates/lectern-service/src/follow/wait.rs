//! Waiting until what was written can be found.

use super::{EMBEDDER, Followers};
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

/// How far a generation's followers have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    lexical: i64,
    embedder: i64,
    vectors: i64,
}

impl Followers {
    /// Returns when everything that is in a generation's log now can be found: this process follows where it may, and waits for the
    /// holder of the folder, or for the process that embeds, where another one does.
    ///
    /// # Errors
    /// [`ServiceError::NotFollowed`], and [`ServiceError::NotIndexed`] where a store is down, where nothing moved for `FollowOptions::stall`:
    /// what was written is safe and will be found later.
    pub async fn wait(&self, generation: &Generation) -> Result<(), ServiceError> {
        let Some(target) = self.end(generation).await? else { return Ok(()) };
        let embeds =
            self.embedder.as_ref().is_some_and(|embedder| generation.model.as_ref().is_some_and(|model| model.spec == *embedder.spec()));
        // The embedder's own entries come after what it embedded, so the end that the vector index must reach is known later.
        let mut vectors_target = None;
        let (mut seen, mut moved) = (None, Instant::now());
        loop {
            self.take_over().await?;
            let passed = self.passes().await;
            let down = [down(passed.lexical)?, down(passed.vectors)?].into_iter().flatten().next();
            if embeds {
                passed.embedder?;
            }
            let reached = self.reached(generation).await?;
            if embeds && vectors_target.is_none() && reached.embedder >= target.seq {
                vectors_target = self.end(generation).await?;
            }
            let vectors = !embeds || vectors_target.is_some_and(|target| reached.vectors >= target.seq);
            if reached.lexical >= target.seq && vectors {
                return self.flush().await;
            }
            if seen != Some(reached) {
                (seen, moved) = (Some(reached), Instant::now());
            } else if moved.elapsed() > self.options.stall {
                if let Some(source) = down {
                    return Err(ServiceError::NotIndexed { source });
                }
                return Err(ServiceError::NotFollowed { seconds: self.options.stall.as_secs() });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The end of a generation's log.
    async fn end(&self, generation: &Generation) -> Result<Option<Cursor>, ServiceError> {
        let collection = generation.collection;
        Ok(self.bridge.read(move |conn| changes::last(conn, collection)).await?)
    }

    async fn reached(&self, generation: &Generation) -> Result<Reached, ServiceError> {
        let (lexical, vectors, id) = (self.lexical_seat.follower, self.vectors_seat.follower, generation.id);
        let at = move |conn: &mut Conn, follower: FollowerId, engine| {
            followers::cursor(conn, follower, engine, id).map(|cursor| cursor.map_or(0, |cursor| cursor.seq))
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
fn down(passed: Result<bool, ServiceError>) -> Result<Option<StoreError>, ServiceError> {
    match passed {
        Ok(_) => Ok(None),
        Err(ServiceError::Store(error)) if error.may_pass() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}
