//! Reading the log in pages of a bounded number of chunks.

use super::{Followers, position::START};
use crate::ServiceError;
use lectern_domain::{
    change::{Change, ChangeKind, Cursor},
    chunk::chunk_id,
    collection::Generation,
    ids::{ChunkId, DocumentId, VersionId},
};
use lectern_persistence::{
    DbError,
    repo::{changes, documents},
};

/// The most entries of a page.
const ENTRIES: i64 = 500;

/// The most chunks that the entries of a page speak of, unless its one entry speaks of more.
const CHUNKS: u64 = 20_000;

impl Followers {
    /// The entries that follow a place in a generation's log, in order; none where that place is not in the log, because it was trimmed
    /// or comes from another history (a restore, a failover, another database on the same folder). Then an index is filled from the tables.
    pub(crate) async fn entries_after(&self, generation: &Generation, cursor: Cursor) -> Result<Option<Vec<Change>>, ServiceError> {
        let collection = generation.collection;
        let (mut entries, there) = self
            .bridge
            .read(move |conn| {
                let entries = changes::after(conn, collection, cursor.seq, ENTRIES)?;
                // Asked after the reading: a log loses its oldest entries first, so that nothing is missing between the two.
                let there = if cursor == START { entries.is_empty() } else { changes::contains(conn, cursor)? };
                Ok::<_, DbError>((entries, there))
            })
            .await?;
        if !there {
            if cursor != START {
                tracing::info!(generation = %generation.id, seq = cursor.seq, "a follower's place is not in this log: it starts from the tables");
            }
            return Ok(None);
        }
        let mut chunks = 0;
        let fits = entries
            .iter()
            .take_while(|entry| {
                chunks += u64::from(entry.change.chunks);
                chunks <= CHUNKS
            })
            .count();
        entries.truncate(fits.max(1));
        Ok(Some(entries))
    }

    /// Whether the log's end is another one than `seen`, which it is then.
    pub(crate) async fn log_has_grown(&self, seen: &mut Option<Cursor>) -> Result<bool, ServiceError> {
        let end = self.bridge.read(changes::head).await?;
        Ok(std::mem::replace(seen, end) != end)
    }

    /// The next documents of a generation's collection, for filling an index from the tables.
    pub(crate) async fn documents_after(
        &self,
        generation: &Generation,
        after: DocumentId,
    ) -> Result<Vec<(DocumentId, VersionId)>, ServiceError> {
        let collection = generation.collection;
        Ok(self.bridge.read(move |conn| documents::versions_page(conn, collection, after, ENTRIES)).await?)
    }
}

/// The chunks that these entries take away from a generation: the entries name them, since their rows are gone.
pub(crate) fn removed(generation: &Generation, entries: &[Change]) -> Vec<ChunkId> {
    let chunking = generation.chunking.fingerprint();
    entries
        .iter()
        .map(|entry| &entry.change)
        .filter(|change| change.kind == ChangeKind::Delete && change.chunking == chunking)
        .flat_map(|change| (0..change.chunks).map(|ordinal| chunk_id(change.version, &change.chunking, ordinal)))
        .collect()
}

/// The versions that these entries bring to a generation, each once.
pub(crate) fn versions(generation: &Generation, entries: &[Change], kind: ChangeKind) -> Vec<VersionId> {
    let chunking = generation.chunking.fingerprint();
    let of = entries.iter().map(|entry| &entry.change).filter(|change| change.kind == kind && change.chunking == chunking);
    let mut versions: Vec<_> = of.map(|change| change.version).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}
