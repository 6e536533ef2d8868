//! Work in the background that a crash must not lose: rows of the table `jobs`, which the processes on a database share.
//!
//! A use case adds a job in its own transaction with [`enqueue`], and calls [`Jobs::wake`] after the commit, so that this process looks
//! at once; without it a job waits for the next look. A runner takes a job with a lease, judged by the database's clock and renewed while
//! the job runs. A job that fails is tried again after a while that doubles, as often as its [`Policy`] says, and then kept as failed
//! with the reason. A process that ends hands its jobs back; of one that is killed they are taken over when the lease is over. So a
//! job runs at least once, and must bear to run again after it was done.
//!
//! # Adding a kind
//! 1. A payload: a struct that derives `Serialize` and `Deserialize`, of ids rather than content and without secrets.
//! 2. A variant of [`Work`] with it, its name in [`Work::KINDS`], and its policy in `Work::policy`.
//! 3. Its arm in `Work::run`: a function of the payload and the application. An error there is tried again; [`JobError::GiveUp`] is not.
//! 4. One that may take minutes is one of [`Work::LONG`] besides: these have half of the places, so that a mail does not wait behind them.

mod attempt;
mod policy;
mod runner;
mod work;
mod worker;

pub use policy::Policy;
pub use runner::{Runner, RunningJobs};
pub use work::Work;
pub use worker::{Attempt, JobError, Turn, Worker};

use crate::{
    ServiceError,
    app::App,
    pulse::{Pulse, TaskState},
};
use lectern_domain::ids::JobId;
use lectern_persistence::{DbError, Tx, repo::jobs};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How jobs are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOptions {
    /// How many run at once in this process.
    pub at_once: usize,
    /// How long a process that says nothing keeps a job.
    pub lease: Duration,
    /// How often a process looks when nothing wakes it.
    pub poll: Duration,
    /// How long jobs that are done are kept.
    pub done_kept: Duration,
    /// How long jobs that failed are kept.
    pub failed_kept: Duration,
}

impl Default for JobOptions {
    /// Four at once; a minute; two seconds; a day; thirty days.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        Self { at_once: 4, lease: Duration::from_secs(60), poll: Duration::from_secs(2), done_kept: DAY, failed_kept: 30 * DAY }
    }
}

/// The jobs of an application: how they are run, and the bell that says that there are new ones.
#[derive(Debug, Default)]
pub struct Jobs {
    options: JobOptions,
    written: Notify,
    pulse: Pulse,
}

impl Jobs {
    /// Nothing runs yet.
    pub fn new(options: JobOptions) -> Self {
        Self { options, written: Notify::new(), pulse: Pulse::default() }
    }

    /// How the task is that takes them.
    pub fn state(&self) -> TaskState {
        self.pulse.get()
    }

    /// Says that a job was added and committed: this process looks at once.
    pub fn wake(&self) {
        self.written.notify_one();
    }
}

/// Adds a job, in the transaction of the use case that needs it. Call [`Jobs::wake`] after the commit.
///
/// # Errors
/// Failures of the database.
pub fn enqueue(tx: &mut Tx<'_>, work: &Work) -> Result<JobId, ServiceError> {
    let (kind, payload) = work.to_row()?;
    Ok(jobs::enqueue(tx.conn(), &kind, payload, Duration::ZERO)?)
}

/// How many jobs there are of each state, over all processes.
///
/// # Errors
/// Failures of the database.
pub async fn counts(app: &App) -> Result<Vec<(String, u64)>, ServiceError> {
    Ok(app.bridge.read::<_, DbError>(jobs::counts).await?)
}

/// Starts running the application's jobs in the background.
pub fn start(app: &Arc<App>) -> RunningJobs {
    Runner::new(app.bridge.clone(), app.jobs.clone(), app.clone()).start()
}
