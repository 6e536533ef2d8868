//! Repair: put right what verify finds.

use super::{
    Checked, Chosen,
    differences::Kind,
    verify::{CheckedIndex, check},
};
use crate::{ServiceError, app::App, follow::Limit};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    collection::Generation,
    ids::{ChunkId, VersionId},
    search::Side,
};
use lectern_persistence::{DbError, repo::chunks};
use std::{collections::BTreeSet, time::Duration};

/// The versions that one transaction speaks of.
const VERSIONS: usize = 500;

/// How often another process that follows is waited for, before what the indexes hold too much is left there.
const TRIES: usize = 100;

/// The pause between two of these.
const PAUSE: Duration = Duration::from_millis(50);

/// What was found, and what is left of it.
#[derive(Debug, Clone, Default)]
pub struct Repaired {
    /// The differences before.
    pub before: Checked,
    /// The differences afterwards.
    pub after: Checked,
}

/// Puts right what [`verify`](super::verify) finds, and looks again. Of what is missing or stale the log says once more that it is there, for
/// every follower to take; what an index holds too much is removed by this process, where it may follow. Searches and changes go on meanwhile.
///
/// # Errors
/// As [`verify`](super::verify).
pub async fn repair(app: &App, chosen: &Chosen, limit: Duration) -> Result<Repaired, ServiceError> {
    let limit = Limit::after(limit);
    let generations = chosen.generations(app).await?;
    let before = check(app, &generations, limit).await?;
    if before.differences() == 0 {
        return Ok(Repaired { after: before.clone(), before });
    }
    for index in before.indexes.iter().filter(|index| !index.is_clean()) {
        if let Some(kept) = generations.iter().find(|kept| kept.generation.id == index.generation) {
            tell_again(app, &kept.generation, index).await?;
            remove(app, &kept.generation, index).await?;
        }
    }
    app.followers.wake();
    let after = check(app, &generations, limit).await?;
    Ok(Repaired { before, after })
}

/// Says in the log once more that versions are there, or embedded. Entries name and rows tell: one that is gone meanwhile is not put.
async fn tell_again(app: &App, generation: &Generation, index: &CheckedIndex) -> Result<(), ServiceError> {
    let versions: BTreeSet<VersionId> = index.differences.iter().filter_map(|difference| difference.version).collect();
    let versions: Vec<VersionId> = versions.into_iter().collect();
    let kind = match (&generation.model, index.side) {
        (Some(model), Side::Vectors) => ChangeKind::Embedded(model.id),
        _ => ChangeKind::Put,
    };
    for versions in versions.chunks(VERSIONS) {
        let (versions, generation) = (versions.to_vec(), generation.clone());
        app.bridge
            .write(move |tx| {
                let chunking = generation.chunking.fingerprint();
                for (document, version, chunks) in chunks::count_of_versions(tx.conn(), &versions, &chunking)? {
                    tx.log(NewChange { kind, collection: generation.collection, document, version, chunking: chunking.clone(), chunks });
                }
                Ok::<_, DbError>(())
            })
            .await?;
    }
    Ok(())
}

/// Removes what the index holds too much. Another process that follows for a store outside does so for moments only.
async fn remove(app: &App, generation: &Generation, index: &CheckedIndex) -> Result<(), ServiceError> {
    let orphaned = index.differences.iter().filter(|difference| difference.kind == Kind::Orphaned).map(|difference| difference.chunk);
    let orphaned: Vec<ChunkId> = orphaned.collect();
    if orphaned.is_empty() {
        return Ok(());
    }
    for _ in 0..TRIES {
        if app.followers.remove_orphans(index.side, generation, &orphaned).await? {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!(
        generation = %generation.id,
        index = index.side.as_str(),
        passages = orphaned.len(),
        "another process follows for this index: what it holds too much stays there, and no search returns it"
    );
    Ok(())
}
