//! Waiting until what was written can be found.

use super::{EMBEDDER, Followers};
use crate::ServiceError;
use lectern_domain::{change::Cursor, collection::Generation, ids::FollowerId};
use lectern_persistence::repo::{
    changes,
    followers::{self, Engine},
};
use lectern_vector_store::embedded::Role;
use std::time::Duration;
use tokio::time::Instant;

/// How often the cursors of another process are looked at.
const LOOK: Duration = Duration::from_millis(50);

impl Followers {
    /// Returns when everything that is in a generation's log now can be found: this process catches up where it may, and waits for the
    /// holder of the folder where another process is.
    ///
    /// # Errors
    /// [`ServiceError::NotFollowed`] where nothing moved for `FollowOptions::stall`: what was written is safe and will be found later.
    pub async fn wait(&self, generation: &Generation) -> Result<(), ServiceError> {
        let Some(target) = self.end(generation).await? else { return Ok(()) };
        let mut seen = None;
        let mut moved = Instant::now();
        loop {
            self.take_over().await?;
            if self.folder.role() == Role::Holder {
                return self.catch_up().await;
            }
            self.embed_pass().await?;
            let reached = self.reached(generation).await?;
            if self.found(generation, target, reached).await? {
                return Ok(());
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

    /// The places of the lexical index, the embedder and the vector index.
    async fn reached(&self, generation: &Generation) -> Result<[i64; 3], ServiceError> {
        let (folder, id) = (self.folder.follower_id(), generation.id);
        let at = move |conn: &mut _, follower: FollowerId, engine| {
            followers::cursor(conn, follower, engine, id).map(|cursor| cursor.map_or(0, |cursor| cursor.seq))
        };
        Ok(self
            .bridge
            .read(move |conn| {
                Ok::<_, lectern_persistence::DbError>([
                    at(conn, folder, Engine::Lexical)?,
                    at(conn, EMBEDDER, Engine::Embedder)?,
                    at(conn, folder, Engine::Vectors)?,
                ])
            })
            .await?)
    }

    async fn found(&self, generation: &Generation, target: Cursor, [lexical, embedder, vectors]: [i64; 3]) -> Result<bool, ServiceError> {
        if lexical < target.seq {
            return Ok(false);
        }
        let embeds =
            self.embedder.as_ref().is_some_and(|embedder| generation.model.as_ref().is_some_and(|model| model.spec == *embedder.spec()));
        if !embeds {
            return Ok(true);
        }
        // The embedder's own entries come after what it embedded: the vector index must have passed those too.
        Ok(embedder >= target.seq && self.end(generation).await?.is_none_or(|end| vectors >= end.seq))
    }
}
