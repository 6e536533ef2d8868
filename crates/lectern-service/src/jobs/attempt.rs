//! One attempt at a job, and what becomes of the job after it.

use super::{JobError, Worker};
use crate::blocking::Bridge;
use futures_util::FutureExt as _;
use lectern_domain::ids::HolderId;
use lectern_persistence::{
    DbError, WriteKind,
    repo::jobs::{self, Settled, TakenJob},
};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// Tries a job and writes down how it went. Where that can't be written, the lease runs out and the job is tried again.
#[tracing::instrument(name = "job", skip_all, fields(job.id = %job.id, job.kind = %job.kind, job.attempt = job.attempt))]
pub(super) async fn attempt(bridge: Bridge, worker: Arc<dyn Worker>, holder: HolderId, job: TakenJob) {
    let (id, attempt) = (job.id, job.attempt);
    let settled = match worker.attempt(job) {
        // The processes that had the earlier attempts ended without a word: it may be the job that ends them.
        Ok(ready) if attempt > ready.policy.attempts => Settled::Failed("the processes that tried it ended while at it".to_owned()),
        Ok(ready) => {
            let policy = ready.policy;
            let ended = tokio::time::timeout(policy.timeout, AssertUnwindSafe(ready.run).catch_unwind()).await;
            let outcome = match ended {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_panic)) => Err(JobError::Again("it panicked".to_owned())),
                Err(_elapsed) => Err(JobError::Again(format!("it took longer than {} s", policy.timeout.as_secs_f32()))),
            };
            match outcome {
                Ok(()) => Settled::Done,
                Err(JobError::Again(why)) if attempt < policy.attempts => Settled::Again(policy.wait(attempt, rand::random()), why),
                Err(JobError::Again(why) | JobError::GiveUp(why)) => Settled::Failed(why),
            }
        }
        Err(error) => Settled::Failed(error.to_string()),
    };
    match &settled {
        Settled::Done => tracing::debug!("a job is done"),
        Settled::Again(wait, why) => tracing::warn!(why, wait_s = wait.as_secs_f32(), "a job failed; it is tried again"),
        Settled::Failed(why) => tracing::error!(why, "a job failed; it is not tried again"),
    }
    match bridge.write_as::<_, DbError>(WriteKind::Ending, move |tx| jobs::settle(tx.conn(), id, holder, &settled)).await {
        Ok(true) => {}
        Ok(false) => tracing::warn!("the job was taken over by another process meanwhile"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "how a job went could not be written; it is tried again");
        }
    }
}
