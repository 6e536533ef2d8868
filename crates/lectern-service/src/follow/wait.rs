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
    /// [`ServiceError::NotFollowed`] where nothing moved for `FollowOptions::stall`: what was written is safe and will be found later.
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
            passed.lexical?;
            passed.vectors?;
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
                return Err(ServiceError::NotFollowed { seconds: self.options.stall.as_secs() });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn end(&self, generation: &Generation) -> Result<Option<Cursor>, ServiceError> {
        let collection = generation.collection;
        Ok(self.bridge.read(move |conn| changes::last(conn, collection)).await?)
    }

    async fn reached(&self, generation: &Generation) -> Result<Reached, ServiceError> {
        let (folder, id) = (self.folder.follower_id(), generation.id);
        let at = move |conn: &mut Conn, follower: FollowerId, engine| {
            followers::cursor(conn, follower, engine, id).map(|cursor| cursor.map_or(0, |cursor| cursor.seq))
        };
        Ok(self
            .bridge
            .read(move |conn| {
                Ok::<_, DbError>(Reached {
                    lexical: at(conn, folder, Engine::Lexical)?,
                    embedder: at(conn, EMBEDDER, Engine::Embedder)?,
                    vectors: at(conn, folder, Engine::Vectors)?,
                })
            })
            .await?)
    }
}
