//! Snapshots: backups of vectors that their store makes and keeps.

use super::Chosen;
use crate::{ServiceError, app::App};
use lectern_persistence::repo::collections::Kept;
use lectern_vector_store::Snapshot;

/// A snapshot of a generation's vectors.
#[derive(Debug, Clone)]
pub struct Snapshotted {
    /// The generation and its collection.
    pub kept: Kept,
    /// What the store made.
    pub snapshot: Snapshot,
}

/// Has the store make snapshots of the vectors of the chosen collections, one after the other. One without vectors has none.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], [`ServiceError::Store`] where the store fails or makes none, and failures of the database. Those that
/// were made until then stay.
pub async fn snapshot(app: &App, chosen: &Chosen) -> Result<Vec<Snapshotted>, ServiceError> {
    let mut made = Vec::new();
    for kept in chosen.generations(app).await? {
        if kept.generation.model.is_none() {
            continue;
        }
        if let Some(snapshot) = app.followers.vectors.snapshot(&kept.generation).await? {
            made.push(Snapshotted { kept, snapshot });
        }
    }
    Ok(made)
}
