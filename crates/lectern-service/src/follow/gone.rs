//! Generations that are gone: their indexes go too.

use super::{Followers, Seat};
use crate::ServiceError;
use lectern_domain::{collection::Generation, ids::GenerationId, search::Side};
use lectern_persistence::repo::collections;
use lectern_vector_store::embedded::Role;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// The generations that were there when this process followed last, for each index.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    lexical: Mutex<HashSet<GenerationId>>,
    vectors: Mutex<HashSet<GenerationId>>,
}

impl Followed {
    /// Those that are not among `now`, which is kept in their place.
    fn gone(&self, side: Side, now: &[Generation]) -> Vec<GenerationId> {
        let of = match side {
            Side::Lexical => &self.lexical,
            Side::Vectors => &self.vectors,
        };
        let now: HashSet<GenerationId> = now.iter().map(|generation| generation.id).collect();
        let before = std::mem::replace(&mut *of.lock().unwrap_or_else(PoisonError::into_inner), now.clone());
        before.difference(&now).copied().collect()
    }
}

impl Followers {
    /// Drops the indexes of generations that were there at the last pass and are not any more. In its turn, by the holder of the folder: for
    /// a store outside, whoever drops a generation drops its indexes.
    pub(super) async fn drop_gone(&self, side: Side, now: &[Generation]) -> Result<(), ServiceError> {
        for gone in self.followed.gone(side, now) {
            if self.seat_of(side).role() == Some(Role::Holder) {
                self.drop_index(side, gone).await?;
            }
        }
        Ok(())
    }

    /// Drops an index of a generation that is gone, in the turn of its follower. `false` where another process follows now: then nothing was done.
    ///
    /// # Errors
    /// Failures of the database and of the index.
    pub(crate) async fn drop_generation(&self, side: Side, generation: GenerationId) -> Result<bool, ServiceError> {
        let _turn = self.turn_of(side).lock().await;
        let seat = self.seat_of(side);
        if !self.may_follow(seat).await? {
            return Ok(false);
        }
        let dropped = self.drop_index(side, generation).await;
        self.give_back(seat).await?;
        dropped.map(|()| true)
    }

    /// Drops what stores outside hold of generations that are gone. `false` where another process follows for one of them now: then it is to be
    /// tried later.
    ///
    /// # Errors
    /// Failures of the database and of the stores.
    pub(crate) async fn drop_outside(&self, gone: &[GenerationId]) -> Result<bool, ServiceError> {
        for side in [Side::Lexical, Side::Vectors].into_iter().filter(|side| self.seat_of(*side).role().is_none()) {
            for generation in gone {
                if !self.drop_generation(side, *generation).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Drops the embedded indexes of generations that went while nobody held the folder. Those that are listed first were there before SQL is
    /// asked, and ids do not come again.
    pub(super) async fn drop_left_behind(&self) -> Result<(), ServiceError> {
        let Some(folder) = self.folder.as_ref().filter(|folder| folder.role() == Role::Holder) else { return Ok(()) };
        let folder = folder.clone();
        let kept = self.bridge.compute(move || folder.generations()).await??;
        let there: HashSet<_> = self.bridge.read(collections::generations).await?.into_iter().map(|generation| generation.id).collect();
        for gone in kept.into_iter().filter(|id| !there.contains(id)) {
            for side in [Side::Lexical, Side::Vectors].into_iter().filter(|side| self.seat_of(*side).role().is_some()) {
                self.drop_generation(side, gone).await?;
            }
            tracing::info!(generation = %gone, "dropped the embedded indexes of a collection that is gone");
        }
        Ok(())
    }

    async fn drop_index(&self, side: Side, generation: GenerationId) -> Result<(), ServiceError> {
        match side {
            Side::Lexical => self.lexical.drop_generation(generation).await?,
            Side::Vectors => self.vectors.drop_generation(generation).await?,
        }
        Ok(())
    }

    /// Whether this process may write to an index: it holds the folder, or has taken the lease just now, which is to be given back.
    pub(super) async fn may_follow(&self, seat: &Seat) -> Result<bool, ServiceError> {
        match seat.role() {
            Some(role) => Ok(role == Role::Holder),
            None => self.take(seat).await,
        }
    }

    pub(crate) fn seat_of(&self, side: Side) -> &Seat {
        match side {
            Side::Lexical => &self.lexical_seat,
            Side::Vectors => &self.vectors_seat,
        }
    }

    pub(super) fn turn_of(&self, side: Side) -> &tokio::sync::Mutex<()> {
        match side {
            Side::Lexical => &self.turns.lexical,
            Side::Vectors => &self.turns.vectors,
        }
    }
}
