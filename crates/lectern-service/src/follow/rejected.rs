//! What an index does not take: set aside with the reason, so that the rest goes on.

use super::{Followers, Seat};
use crate::ServiceError;
use lectern_domain::{collection::Generation, ids::ChunkId};
use lectern_persistence::{Conn, repo::dead_letters};
use lectern_vector_store::Rejected;
use std::collections::HashSet;

impl Followers {
    /// Keeps the reasons with the dead letters, and forgets those of chunks that were put and are taken now.
    pub(crate) async fn keep_rejected(
        &self,
        seat: &Seat,
        generation: &Generation,
        put: Vec<ChunkId>,
        rejected: Vec<Rejected>,
    ) -> Result<(), ServiceError> {
        self.forget_taken(seat, generation, put, &rejected).await?;
        let Some(first) = rejected.first() else { return Ok(()) };
        tracing::warn!(
            generation = %generation.id,
            index = seat.engine.as_str(),
            passages = rejected.len(),
            reason = first.reason,
            "an index does not take passages: they are not found by it"
        );
        let (engine, generation) = (seat.engine, generation.id);
        self.bridge
            .write(move |tx| {
                let now = chrono::Utc::now();
                let mut keep = |of: &Rejected| dead_letters::insert(tx.conn(), engine, generation, of.chunk, &of.reason, now);
                Ok(rejected.iter().try_for_each(&mut keep)?)
            })
            .await
    }

    async fn forget_taken(
        &self,
        seat: &Seat,
        generation: &Generation,
        mut taken: Vec<ChunkId>,
        rejected: &[Rejected],
    ) -> Result<(), ServiceError> {
        let rejected: HashSet<ChunkId> = rejected.iter().map(|of| of.chunk).collect();
        taken.retain(|chunk| !rejected.contains(chunk));
        let (engine, generation) = (seat.engine, generation.id);
        let before = move |conn: &mut Conn| match dead_letters::any(conn, engine, generation)? {
            true => dead_letters::among(conn, engine, generation, &taken),
            false => Ok(HashSet::new()),
        };
        let before: Vec<ChunkId> = self.bridge.read(before).await?.into_iter().collect();
        if before.is_empty() {
            return Ok(());
        }
        Ok(self.bridge.write(move |tx| dead_letters::forget(tx.conn(), engine, generation, &before)).await?)
    }

    /// Forgets the reasons of an index that is filled anew.
    pub(crate) async fn forget_rejected(&self, seat: &Seat, generation: &Generation) -> Result<(), ServiceError> {
        let (engine, generation) = (seat.engine, generation.id);
        // Mostly there are none, and a frozen database, which takes no such write, is indexed all the same.
        if !self.bridge.read(move |conn| dead_letters::any(conn, engine, generation)).await? {
            return Ok(());
        }
        Ok(self.bridge.write(move |tx| dead_letters::clear(tx.conn(), engine, generation)).await?)
    }
}
