//! Who does the jobs that a runner takes.

use super::{Policy, Work};
use crate::{ServiceError, app::App, error::with_causes};
use futures_util::future::BoxFuture;
use lectern_domain::ids::JobId;
use lectern_persistence::repo::jobs::TakenJob;
use std::sync::Arc;

/// Why a job is not done. The texts are kept in its row and logged: no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{0}")]
    Again(String),
    /// It never will.
    #[error("{0}")]
    GiveUp(String),
}

impl From<ServiceError> for JobError {
    fn from(error: ServiceError) -> Self {
        Self::Again(with_causes(&error))
    }
}

/// Which attempt at which job this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The job.
    pub id: JobId,
    /// The attempt, from 1.
    pub attempt: u32,
}

/// What a job's attempt is to be like, and the attempt itself, which has not begun.
pub struct Attempt {
    /// How jobs of this kind are tried.
    pub policy: Policy,
    /// The attempt.
    pub run: BoxFuture<'static, Result<(), JobError>>,
}

/// Somebody who does jobs of some kinds: the application.
pub trait Worker: Send + Sync + 'static {
    /// The kinds that it does.
    fn kinds(&self) -> &[&str];

    /// Those of them that may take long: at most half of a process's places are theirs.
    fn long_kinds(&self) -> &[&str] {
        &[]
    }

    /// Makes an attempt ready.
    ///
    /// # Errors
    /// Why there can be none: a payload of another form.
    fn attempt(self: Arc<Self>, job: TakenJob) -> Result<Attempt, JobError>;
}

impl Worker for App {
    fn kinds(&self) -> &[&str] {
        Work::KINDS
    }

    fn long_kinds(&self) -> &[&str] {
        Work::LONG
    }

    fn attempt(self: Arc<Self>, job: TakenJob) -> Result<Attempt, JobError> {
        let turn = Turn { id: job.id, attempt: job.attempt };
        let work = Work::from_row(&job.kind, job.payload)?;
        Ok(Attempt { policy: work.policy(), run: Box::pin(async move { work.run(&self, turn).await }) })
    }
}
