//! Verify: does every index hold what SQL says?

use super::{
    Chosen,
    compare::compare,
    differences::{Difference, Kind},
    entries::IndexOf,
    settle::settle,
};
use crate::{ServiceError, app::App, follow::Limit};
use lectern_domain::{collection::CollectionKey, ids::GenerationId, search::Side};
use lectern_persistence::repo::collections::Kept;
use std::time::Duration;

/// How an index of a generation compares with SQL.
#[derive(Debug, Clone)]
pub struct CheckedIndex {
    /// The collection.
    pub collection: CollectionKey,
    /// The generation.
    pub generation: GenerationId,
    /// Whether the collection is searched by it.
    pub current: bool,
    /// Which of its indexes.
    pub side: Side,
    /// What kind of store it is in.
    pub store: &'static str,
    /// How many chunks it should hold.
    pub wanted: u64,
    /// How many it holds.
    pub held: u64,
    /// Chunks that it did not take, which are not differences.
    pub set_aside: u64,
    /// Chunks that could not be told, because they changed all the time, or another process has them in its memory.
    pub unsettled: u64,
    /// Where it differs, as far as it was looked into.
    pub differences: Vec<Difference>,
    /// Further differences.
    pub more: u64,
}

impl CheckedIndex {
    /// How many differences of a kind were looked into.
    pub fn count(&self, kind: Kind) -> usize {
        self.differences.iter().filter(|difference| difference.kind == kind).count()
    }

    /// Whether there is no difference.
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.more == 0
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The indexes, by collection and generation.
    pub indexes: Vec<CheckedIndex>,
}

impl Checked {
    /// How many differences there are.
    pub fn differences(&self) -> u64 {
        self.indexes.iter().map(|index| index.differences.len() as u64 + index.more).sum()
    }
}

/// Compares the indexes of the chosen collections with SQL, each when it has reached the end of the log, which is waited for until `limit` has
/// passed: this process follows where nobody else does. Searches and changes go on meanwhile.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], [`ServiceError::NotCaughtUp`], and failures of the database, the indexes and the model.
pub async fn verify(app: &App, chosen: &Chosen, limit: Duration) -> Result<Checked, ServiceError> {
    check(app, &chosen.generations(app).await?, Limit::after(limit)).await
}

/// Compares the indexes of these generations.
pub(super) async fn check(app: &App, generations: &[Kept], limit: Limit) -> Result<Checked, ServiceError> {
    // What SQL says of a store outside need not be so.
    app.followers.doubt();
    let mut checked = Checked::default();
    for kept in generations {
        app.followers.wait_until(&kept.generation, limit).await?;
        for side in Side::ALL {
            if side == Side::Lexical || kept.generation.model.is_some() {
                checked.indexes.push(of_index(app, kept, side, limit).await?);
            }
        }
    }
    Ok(checked)
}

/// Compares one index.
pub(super) async fn of_index(app: &App, kept: &Kept, side: Side, limit: Limit) -> Result<CheckedIndex, ServiceError> {
    let index = IndexOf { followers: &app.followers, side, generation: &kept.generation };
    let floor = index.floor().await?;
    let mut compared = compare(index).await?;
    let missing = compared.differences.iter().filter(|difference| difference.kind == Kind::Missing).map(|missing| missing.chunk);
    let set_aside = index.set_aside(missing.collect()).await?;
    compared.differences.retain(|difference| difference.kind != Kind::Missing || !set_aside.contains(&difference.chunk));
    let settled = settle(index, compared.differences, floor, limit).await?;
    Ok(CheckedIndex {
        collection: kept.collection.clone(),
        generation: kept.generation.id,
        current: kept.current,
        side,
        store: index.seat().kind,
        wanted: compared.wanted,
        held: compared.held,
        set_aside: set_aside.len() as u64,
        unsettled: settled.unsettled,
        differences: settled.differences,
        more: compared.more,
    })
}
