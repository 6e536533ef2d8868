//! What an index does not take: set aside with the reason, so that the rest goes on.

use super::{Followers, Seat};
use crate::ServiceError;
use lectern_domain::collection::Generation;
use lectern_persistence::repo::dead_letters;
use lectern_vector_store::Rejected;

impl Followers {
    /// Keeps the reasons with the dead letters.
    pub(crate) async fn keep_rejected(&self, seat: &Seat, generation: &Generation, rejected: Vec<Rejected>) -> Result<(), ServiceError> {
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
