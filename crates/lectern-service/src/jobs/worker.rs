//! Who does the jobs that a runner takes.

use super::{Policy, Work};
use crate::{ServiceError, app::App, error::with_causes};
use futures_util::future::BoxFuture;
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

    fn attempt(self: Arc<Self>, job: TakenJob) -> Result<Attempt, JobError> {
        let work = Work::from_row(&job.kind, job.payload)?;
        Ok(Attempt { policy: work.policy(), run: Box::pin(async move { work.run(&self).await }) })
    }
}
