//! Keeping the log short and forgetting what nobody needs.

use super::Followers;
use crate::ServiceError;
use lectern_persistence::repo::{changes, embeddings, followers};

/// The most orphaned vectors that are deleted at once.
const ORPHANS: i64 = 1_000;

impl Followers {
    /// Says that this process is alive, forgets followers that were away for longer than the retention, trims what every follower has
    /// passed, and deletes vectors of texts that are gone.
    pub(crate) async fn maintain(&self) -> Result<(), ServiceError> {
        self.register().await?;
        let before = chrono::Utc::now() - self.options.retention;
        let trimmed = self
            .bridge
            .write(move |tx| {
                followers::forget_unseen(tx.conn(), before)?;
                let mut trimmed = 0;
                for (collection, seq) in followers::horizons(tx.conn())? {
                    trimmed += changes::trim(tx.conn(), collection, seq, before)?;
                }
                Ok::<_, ServiceError>(trimmed)
            })
            .await?;
        let mut orphans = 0;
        loop {
            let deleted = self.bridge.write(|tx| embeddings::delete_orphans(tx.conn(), ORPHANS)).await?;
            orphans += deleted;
            if deleted == 0 {
                break;
            }
        }
        if trimmed + orphans > 0 {
            tracing::info!(trimmed, orphans, "trimmed the change log and deleted vectors of texts that are gone");
        }
        Ok(())
    }
}
