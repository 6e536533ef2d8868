//! Removing from an index what SQL does not have.

use super::{Followers, Seat};
use crate::ServiceError;
use lectern_domain::{collection::Generation, ids::ChunkId, search::Side};
use lectern_persistence::repo::index_entries;
use lectern_vector_store::Batch;

/// The chunks that are removed at once.
const AT_ONCE: usize = 500;

impl Followers {
    /// Removes those of these chunks that SQL does not have from an index, in the turn of its follower. `false` where another process follows
    /// now: then nothing was done.
    ///
    /// # Errors
    /// Failures of the database and of the index.
    pub(crate) async fn remove_orphans(&self, side: Side, generation: &Generation, chunks: &[ChunkId]) -> Result<bool, ServiceError> {
        let _turn = self.turn_of(side).lock().await;
        let seat = self.seat_of(side);
        if !self.may_follow(seat).await? {
            return Ok(false);
        }
        let removed = self.remove_in_turn(side, seat, generation, chunks).await;
        self.give_back(seat).await?;
        match removed {
            Err(ServiceError::LeaseLost) => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    async fn remove_in_turn(&self, side: Side, seat: &Seat, generation: &Generation, chunks: &[ChunkId]) -> Result<(), ServiceError> {
        let position = match side {
            Side::Lexical => self.lexical.position(generation).await?,
            Side::Vectors => self.vectors.position(generation).await?,
        };
        // An index that is empty is filled anew by its follower.
        let Some(cursor) = position.cursor() else { return Ok(()) };
        // One more than the index has reached: a removal counts less than a put of the same number, and the next entry of the log wins over it.
        let seq = cursor.seq + 1;
        for chunks in chunks.chunks(AT_ONCE) {
            self.renew(seat).await?;
            // What comes to SQL from now on has a number that this index has not reached, so its follower puts it after this.
            let (of, chunking) = (chunks.to_vec(), generation.chunking.fingerprint());
            let there = self.bridge.read(move |conn| index_entries::of_ids(conn, &chunking, &of)).await?;
            let removes: Vec<ChunkId> = chunks.iter().filter(|chunk| !there.iter().any(|row| row.chunk.id == **chunk)).copied().collect();
            match side {
                Side::Lexical => drop(self.lexical.apply(generation, Batch { seq, removes, puts: Vec::new() }).await?),
                Side::Vectors => drop(self.vectors.apply(generation, Batch { seq, removes, puts: Vec::new() }).await?),
            }
        }
        match side {
            Side::Lexical => drop(self.lexical.commit(generation, cursor).await?),
            Side::Vectors => {
                self.vectors.commit(generation, cursor).await?;
                self.vectors.flush(generation).await?;
            }
        }
        Ok(())
    }
}
