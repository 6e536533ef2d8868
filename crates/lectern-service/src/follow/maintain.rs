//! Keeping the log short and forgetting what nobody needs.

use super::Followers;
use crate::ServiceError;
use lectern_persistence::{
    WriteKind,
    repo::{changes, dead_letters, embeddings, followers},
};
use std::sync::atomic::Ordering::Relaxed;

/// The most orphaned vectors that are deleted at once.
const ORPHANS: i64 = 1_000;

impl Followers {
    /// One round of maintenance: says that this process is alive, drops the indexes of collections that are gone, forgets followers that were away for longer than the retention, trims
    /// what every follower has passed, and deletes vectors and dead letters of texts that are gone.
    ///
    /// # Errors
    /// [`ServiceError`] where the database fails; what was done until then stays.
    pub async fn maintain(&self) -> Result<(), ServiceError> {
        self.register().await?;
        self.doubt();
        self.drop_left_behind().await?;
        let before = chrono::Utc::now() - self.options.retention;
        let trimmed = self
            .bridge
            .write_as(WriteKind::Upkeep, move |tx| {
                followers::forget_unseen(tx.conn(), before)?;
                let mut trimmed = 0;
                for (collection, seq) in followers::horizons(tx.conn())? {
                    trimmed += changes::trim(tx.conn(), collection, seq, before)?;
                }
                Ok::<_, ServiceError>(trimmed)
            })
            .await?;
        // A text that goes leaves an entry in the log, and its vector stays as long as that does: looking through all vectors takes a while.
        if trimmed > 0 {
            let orphans = self.delete_orphans().await?;
            tracing::info!(trimmed, orphans, "trimmed the change log and deleted vectors of texts that are gone");
        }
        Ok(())
    }

    /// Has the stores outside looked at themselves: one of them may have lost what it held, and SQL would not know.
    pub(crate) fn doubt(&self) {
        for seat in [&self.lexical_seat, &self.vectors_seat].into_iter().filter(|seat| seat.role().is_none()) {
            seat.doubt();
            self.doubts.fetch_add(1, Relaxed);
        }
    }

    /// Deletes vectors without a text, unless somebody embeds now: who found a vector for a new chunk must not lose it.
    async fn delete_orphans(&self) -> Result<usize, ServiceError> {
        let Ok(_turn) = self.turns.embedder.try_lock() else { return Ok(0) };
        let (mut after, mut deleted) = (None, 0);
        while self.hold_lease().await? {
            let orphans = self.bridge.read(move |conn| embeddings::orphans(conn, after, ORPHANS)).await?;
            after = orphans.last().copied();
            if orphans.is_empty() {
                break;
            }
            deleted += self.bridge.write(move |tx| embeddings::delete_orphans(tx.conn(), &orphans)).await?;
        }
        self.bridge.write(|tx| dead_letters::delete_orphans(tx.conn())).await?;
        self.release_lease().await?;
        Ok(deleted)
    }
}
