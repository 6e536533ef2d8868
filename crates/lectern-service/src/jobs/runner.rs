//! Takes jobs and sees them through.

use super::{Jobs, Worker};
use crate::{
    ServiceError,
    blocking::Bridge,
    pulse::{Living, TaskState, WHILE_FROZEN, rest_after},
};
use chrono::Utc;
use lectern_domain::ids::{HolderId, JobId};
use lectern_persistence::{
    DbError, Tx, WriteKind,
    repo::{jobs, uploads},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinHandle, JoinSet},
    time::Instant,
};
use uuid::Uuid;

/// How often jobs that ended long ago are deleted.
const TRIM: Duration = Duration::from_secs(600);

/// How long a file that stopped arriving is waited for.
const ARRIVING: Duration = Duration::from_secs(3600);

/// How soon after jobs were taken the next look comes.
const AGAIN: Duration = Duration::from_millis(50);

/// Takes the jobs of a database and has a worker do them.
pub struct Runner {
    bridge: Bridge,
    jobs: Arc<Jobs>,
    worker: Arc<dyn Worker>,
    holder: HolderId,
}

/// A runner at work.
pub struct RunningJobs {
    bridge: Bridge,
    holder: HolderId,
    /// How long running jobs get once the runner is told to stop.
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

/// The jobs that a runner is at, and whether each may take long.
#[derive(Default)]
struct Held {
    tasks: JoinSet<()>,
    handles: HashMap<JobId, (AbortHandle, bool)>,
}

impl Held {
    /// Forgets what has ended, however it did.
    fn forget_ended(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.handles.retain(|_, (task, _)| !task.is_finished());
    }
}

impl Runner {
    /// A runner that has taken nothing yet.
    pub fn new(bridge: Bridge, jobs: Arc<Jobs>, worker: Arc<dyn Worker>) -> Self {
        Self { bridge, jobs, worker, holder: HolderId(Uuid::new_v4()) }
    }

    /// Starts taking jobs in the background.
    pub fn start(self) -> RunningJobs {
        let (stop, stopped) = watch::channel(None);
        let (bridge, holder) = (self.bridge.clone(), self.holder);
        self.jobs.pulse.set(TaskState::Running);
        RunningJobs { bridge, holder, stop, task: tokio::spawn(self.work(stopped)) }
    }

    async fn work(self, mut stopped: watch::Receiver<Option<Duration>>) {
        let jobs = self.jobs.clone();
        let _living = Living(&jobs.pulse);
        let mut held = Held::default();
        let (mut renew_at, mut trim_at, mut failures) = (Instant::now() + self.renewal(), Instant::now(), 0u32);
        let grace = loop {
            let rest = match self.pass(&mut held, &mut renew_at, &mut trim_at).await {
                Ok(rest) => {
                    failures = 0;
                    jobs.pulse.set(TaskState::Running);
                    rest
                }
                // What is due is done after the thaw.
                Err(ServiceError::Frozen(_)) => {
                    failures = 0;
                    jobs.pulse.set(TaskState::Running);
                    WHILE_FROZEN
                }
                Err(error) => {
                    if failures == 0 {
                        tracing::error!(error = &error as &dyn std::error::Error, "jobs cannot be taken; they wait");
                    }
                    failures = failures.saturating_add(1);
                    jobs.pulse.set(TaskState::Failing);
                    rest_after(failures)
                }
            };
            tokio::select! {
                biased;
                grace = asked_to_stop(&mut stopped) => break grace,
                Some(_) = held.tasks.join_next() => {}
                () = self.jobs.written.notified(), if failures == 0 => {}
                () = tokio::time::sleep(rest) => {}
            }
        };
        let ended = tokio::time::timeout(grace, async { while held.tasks.join_next().await.is_some() {} });
        if ended.await.is_err() {
            held.tasks.shutdown().await;
        }
    }

    fn renewal(&self) -> Duration {
        self.jobs.options.lease / 3
    }

    /// Does what is to be done now, and says how long there is nothing to do unless something happens.
    async fn pass(&self, held: &mut Held, renew_at: &mut Instant, trim_at: &mut Instant) -> Result<Duration, ServiceError> {
        let options = &self.jobs.options;
        held.forget_ended();
        if *renew_at <= Instant::now() {
            *renew_at = Instant::now() + self.renewal();
            self.renew(held).await?;
        }
        if *trim_at <= Instant::now() {
            *trim_at = Instant::now() + TRIM;
            let (done, failed) = (options.done_kept, options.failed_kept);
            let trim = move |tx: &mut Tx<'_>| {
                uploads::abandon_unmoved(tx.conn(), Utc::now() - ARRIVING)?;
                jobs::trim(tx.conn(), done, failed)
            };
            self.bridge.write::<_, DbError>(trim).await?;
        }
        let mut rest = renew_at.saturating_duration_since(Instant::now());
        let kinds = self.wanted(held);
        if !kinds.is_empty() {
            rest = rest.min(options.poll);
            // A look writes nothing. Only where something is due does it take SQLite's one writer.
            let looked_for = kinds.clone();
            let due = self.bridge.read::<_, DbError>(move |c| jobs::next_due(c, &texts(&looked_for))).await?;
            match due {
                Some(wait) if wait.is_zero() => {
                    self.take(held, kinds).await?;
                    // What is due next is not known; what another process is just taking is not taken twice.
                    rest = rest.min(AGAIN);
                }
                Some(wait) => rest = rest.min(wait),
                None => {}
            }
        }
        Ok(rest)
    }

    /// How many more jobs there are places for: of all kinds, and of those that may take long.
    fn free(&self, held: &Held) -> (usize, usize) {
        let at_once = self.jobs.options.at_once.max(1);
        let long = held.handles.values().filter(|(_, long)| *long).count();
        let free = at_once.saturating_sub(held.handles.len());
        (free, at_once.div_ceil(2).saturating_sub(long).min(free))
    }

    /// The kinds that there is a place for.
    fn wanted(&self, held: &Held) -> Vec<String> {
        let (free, free_for_long) = self.free(held);
        let may = |kind: &&&str| if self.is_long(kind) { free_for_long > 0 } else { free > 0 };
        self.worker.kinds().iter().filter(may).map(|kind| (*kind).to_owned()).collect()
    }

    fn is_long(&self, kind: &str) -> bool {
        self.worker.long_kinds().contains(&kind)
    }

    /// Takes what does not take long first, then the rest.
    async fn take(&self, held: &mut Held, kinds: Vec<String>) -> Result<(), ServiceError> {
        let (long, short): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| self.is_long(kind));
        for (kinds, is_long) in [(short, false), (long, true)] {
            let (free, free_for_long) = self.free(held);
            let places = if is_long { free_for_long } else { free };
            if places == 0 || kinds.is_empty() {
                continue;
            }
            let (holder, lease) = (self.holder, self.jobs.options.lease);
            let taken = self.bridge.write::<_, DbError>(move |tx| jobs::take(tx.conn(), &texts(&kinds), holder, lease, places)).await?;
            for job in taken {
                let id = job.id;
                let attempt = super::attempt::attempt(self.bridge.clone(), self.worker.clone(), self.holder, job);
                held.handles.insert(id, (held.tasks.spawn(attempt), is_long));
            }
        }
        Ok(())
    }

    /// Keeps the leases of what runs, and leaves what somebody else took over.
    async fn renew(&self, held: &mut Held) -> Result<(), ServiceError> {
        if held.handles.is_empty() {
            return Ok(());
        }
        let (holder, lease) = (self.holder, self.jobs.options.lease);
        let kept = self.bridge.write_as::<_, DbError>(WriteKind::Ending, move |tx| jobs::renew(tx.conn(), holder, lease)).await?;
        held.handles.retain(|id, (task, _)| {
            let keep = kept.contains(id) || task.is_finished();
            if !keep {
                tracing::warn!(job = %id, "another process took this job over: its lease had run out");
                task.abort();
            }
            keep
        });
        Ok(())
    }
}

fn texts(kinds: &[String]) -> Vec<&str> {
    kinds.iter().map(String::as_str).collect()
}

async fn asked_to_stop(stopped: &mut watch::Receiver<Option<Duration>>) -> Duration {
    // Who can't ask any more has gone without waiting.
    stopped.wait_for(Option::is_some).await.map_or(Duration::ZERO, |grace| grace.unwrap_or_default())
}

impl RunningJobs {
    /// Takes no more jobs, gives those that run this long to end, and hands the others back. Nothing of it is left afterwards.
    pub async fn stop(self, grace: Duration) {
        // The task may have ended by a panic: then nobody listens.
        let _ = self.stop.send(Some(grace));
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the runner of jobs ended by a panic");
        }
        let holder = self.holder;
        match self.bridge.write_as::<_, DbError>(WriteKind::Ending, move |tx| jobs::hand_back(tx.conn(), holder)).await {
            Ok(0) => {}
            Ok(handed_back) => tracing::info!(handed_back, "jobs were not done yet: another process, or the next start, does them"),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "jobs could not be handed back; they wait for their leases to end"
                );
            }
        }
    }
}
