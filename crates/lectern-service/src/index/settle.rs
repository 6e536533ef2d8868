//! Telling differences from changes that were under way.

use super::{differences::Difference, entries::IndexOf};
use crate::{ServiceError, follow::Limit};
use lectern_domain::{chunk::chunk_id, ids::ChunkId};
use lectern_persistence::repo::changes;
use std::collections::HashSet;

/// The entries of the log that are read at once.
const ENTRIES: i64 = 500;

/// How often what changes is looked at again.
const ROUNDS: usize = 20;

/// The most chunks that are looked at again.
const AGAIN: usize = 10_000;

/// The differences that count.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) differences: Vec<Difference>,
    /// Chunks of which the index could not be seen at the place that it has reached: they changed again and again, or another process has them
    /// in its memory.
    pub(super) unsettled: u64,
}

/// Keeps those differences of which the log tells nothing since `floor`, the number up to which the index was when it was read. The others are
/// looked at again when the followers have come further.
///
/// # Errors
/// Failures of the database and of the index, and [`ServiceError::NotCaughtUp`].
pub(super) async fn settle(
    index: IndexOf<'_>,
    mut open: Vec<Difference>,
    mut floor: Option<i64>,
    limit: Limit,
) -> Result<Settled, ServiceError> {
    let mut settled = Settled::default();
    for _ in 0..ROUNDS {
        if let Some(floor) = floor {
            let touched = touched(index, floor, &open).await?;
            settled.differences.extend(open.extract_if(.., |difference| !touched.contains(&difference.chunk)));
        }
        if open.is_empty() {
            break;
        }
        index.followers.wait_until(index.generation, limit).await?;
        let now = index.floor().await?;
        if now <= floor {
            break;
        }
        floor = now;
        settled.unsettled += open.len().saturating_sub(AGAIN) as u64;
        open.truncate(AGAIN);
        let chunks: Vec<ChunkId> = open.iter().map(|difference| difference.chunk).collect();
        open = index.among(&chunks).await?;
    }
    settled.unsettled += open.len() as u64;
    Ok(settled)
}

/// The chunks of these differences that the log speaks of after a number.
async fn touched(index: IndexOf<'_>, floor: i64, of: &[Difference]) -> Result<HashSet<ChunkId>, ServiceError> {
    let chunks: HashSet<ChunkId> = of.iter().map(|difference| difference.chunk).collect();
    let (collection, chunking) = (index.generation.collection, index.generation.chunking.fingerprint());
    let (mut touched, mut after) = (HashSet::new(), floor);
    while !chunks.is_empty() {
        let entries = index.followers.bridge.read(move |conn| changes::after(conn, collection, after, ENTRIES)).await?;
        let Some(last) = entries.last() else { break };
        after = last.cursor.seq;
        for change in entries.iter().map(|entry| &entry.change).filter(|change| change.chunking == chunking) {
            let of_change = (0..change.chunks).map(|ordinal| chunk_id(change.version, &chunking, ordinal));
            touched.extend(of_change.filter(|chunk| chunks.contains(chunk)));
        }
    }
    Ok(touched)
}
