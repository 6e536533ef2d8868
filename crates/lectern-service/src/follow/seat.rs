//! Who follows for an index: the process that holds the lock of its folder, or, for a store outside, the one that has its lease.

use super::Followers;
use crate::{ServiceError, stores::Right};
use lectern_domain::{collection::Generation, ids::FollowerId};
use lectern_persistence::{
    DbError, WriteKind,
    repo::{
        changes,
        followers::{self, Engine},
        leases,
    },
};
use lectern_vector_store::embedded::Role;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;

/// How long a process that says nothing keeps the right to follow for a store.
const LEASE: Duration = Duration::from_secs(60);

/// How often that right is renewed while it is used.
const RENEWAL: Duration = Duration::from_secs(15);

/// One index among the followers of the log.
pub(crate) struct Seat {
    pub(crate) engine: Engine,
    /// Under which id it follows.
    pub(crate) follower: FollowerId,
    /// What kind of store it is.
    pub(crate) kind: &'static str,
    /// Where it is, for people.
    pub(crate) place: String,
    right: Right,
    /// Whether this process has seen for itself that the store is where SQL says, since it failed last. A store can lose what it holds.
    known: AtomicBool,
    renewed: Mutex<Option<Instant>>,
}

/// What there is to follow.
pub(crate) enum Work {
    /// Nothing: the index is at the end of the log, or this process only reads it.
    Nothing,
    /// Another process follows now.
    Elsewhere,
    /// These generations, and this process may.
    Follow(Vec<Generation>),
}

impl Seat {
    pub(crate) fn new(engine: Engine, follower: FollowerId, kind: &'static str, place: String, right: Right) -> Self {
        Self { engine, follower, kind, place, right, known: AtomicBool::new(false), renewed: Mutex::default() }
    }

    /// The role in the folder; none for a store outside.
    pub(crate) fn role(&self) -> Option<Role> {
        match &self.right {
            Right::Folder(folder) => Some(folder.role()),
            Right::Lease => None,
        }
    }

    /// Whether this process says that the follower is alive: the holder of its folder does, and for a store outside who reached it last.
    pub(crate) fn speaks(&self) -> bool {
        match self.role() {
            Some(role) => role == Role::Holder,
            None => self.known.load(Relaxed),
        }
    }

    /// Whether searches in this process see less than the one that follows does.
    pub(crate) fn is_behind(&self) -> bool {
        self.role() == Some(Role::Reader)
    }

    /// Looks at the store itself at the next pass, whatever SQL says.
    pub(crate) fn doubt(&self) {
        self.known.store(false, Relaxed);
    }

    pub(crate) fn is_known(&self) -> bool {
        self.known.load(Relaxed)
    }

    fn renewed(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease_name(&self) -> String {
        format!("follow:{}:{}", self.engine.as_str(), self.follower)
    }
}

impl Followers {
    /// What this process has to do for an index, of these generations. For a store outside that takes the lease, which
    /// [`Followers::end_pass`] gives back.
    pub(crate) async fn begin(&self, seat: &Seat, generations: Vec<Generation>) -> Result<Work, ServiceError> {
        match seat.role() {
            Some(Role::Holder) => return Ok(Work::Follow(generations)),
            Some(Role::Reader) => return Ok(Work::Nothing),
            None => {}
        }
        let generations = if seat.is_known() { self.behind(seat, generations).await? } else { generations };
        if generations.is_empty() {
            // There is nothing that could be lost.
            seat.known.store(true, Relaxed);
            return Ok(Work::Nothing);
        }
        Ok(if self.take(seat).await? { Work::Follow(generations) } else { Work::Elsewhere })
    }

    /// Ends a pass that [`Followers::begin`] began.
    pub(crate) async fn end_pass(&self, seat: &Seat, passed: Result<(), ServiceError>) -> Result<bool, ServiceError> {
        if seat.role().is_some() {
            return passed.map(|()| true);
        }
        seat.known.store(passed.is_ok(), Relaxed);
        self.give_back(seat).await?;
        match passed {
            Err(ServiceError::LeaseLost) => Ok(false),
            passed => passed.map(|()| true),
        }
    }

    /// Keeps the right to follow.
    ///
    /// # Errors
    /// [`ServiceError::LeaseLost`] where another process has it now.
    pub(crate) async fn renew(&self, seat: &Seat) -> Result<(), ServiceError> {
        let fresh = seat.renewed().is_some_and(|renewed| renewed.elapsed() < RENEWAL);
        if seat.role().is_some() || fresh || self.take(seat).await? { Ok(()) } else { Err(ServiceError::LeaseLost) }
    }

    /// Gives back the right to follow, so that nobody has to wait for its end.
    pub(crate) async fn give_back(&self, seat: &Seat) -> Result<(), ServiceError> {
        if seat.renewed().take().is_none() {
            return Ok(());
        }
        let (name, holder) = (seat.lease_name(), self.holder);
        Ok(self.bridge.write_as(WriteKind::Upkeep, move |tx| leases::release(tx.conn(), &name, holder)).await?)
    }

    /// Takes the right to follow for a store outside, if nobody else has it.
    pub(super) async fn take(&self, seat: &Seat) -> Result<bool, ServiceError> {
        let (name, holder) = (seat.lease_name(), self.holder);
        let taken = self.bridge.write_as(WriteKind::Upkeep, move |tx| leases::acquire(tx.conn(), &name, holder, LEASE)).await?;
        *seat.renewed() = taken.then(Instant::now);
        Ok(taken)
    }

    /// The generations whose log has grown since their cursor was published last.
    async fn behind(&self, seat: &Seat, generations: Vec<Generation>) -> Result<Vec<Generation>, ServiceError> {
        let (follower, engine) = (seat.follower, seat.engine);
        let read = self.bridge.read(move |conn| {
            let mut behind = Vec::new();
            for generation in generations {
                let end = changes::last(conn, generation.collection)?;
                let at = followers::cursor(conn, follower, engine, generation.id)?;
                // One that nobody has begun with is behind an empty log too: it is to be filled from the tables.
                if at.is_none() || (end.is_some() && at != end) {
                    behind.push(generation);
                }
            }
            Ok::<_, DbError>(behind)
        });
        Ok(read.await?)
    }
}
