//! A port for work that blocks a thread: an engine's search, a model's forward pass. Async code hands it over here; the one
//! implementation, with its bounded queues, is the service's bridge.

use futures_channel::oneshot;

/// Work to be run on a thread of its own.
pub type Job = Box<dyn FnOnce() + Send>;

/// Threads that may be blocked, behind a bounded queue.
pub trait Executor: Send + Sync {
    /// Queues a job, or hands back at once where the queue is full.
    ///
    /// # Errors
    /// [`Overloaded`] where the queue is full or closed; the job was not taken.
    fn submit(&self, job: Job) -> Result<(), Overloaded>;
}

/// The queue is full: answer 503 rather than wait without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much work is waiting: try again later")]
pub struct Overloaded;

/// Why a job has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// It was not taken.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// It was taken, and its thread ended before it answered: a defect.
    #[error("a job ended without an answer: it panicked")]
    Panicked,
}

/// Runs `work` on the executor and waits for its value.
///
/// # Errors
/// [`NotRun`] where the job was not taken, or panicked.
pub async fn run<T: Send + 'static>(executor: &dyn Executor, work: impl FnOnce() -> T + Send + 'static) -> Result<T, NotRun> {
    let (answer, wait) = oneshot::channel();
    executor.submit(Box::new(move || {
        // The asker may have gone: then nobody wants the answer.
        let _ = answer.send(work());
    }))?;
    wait.await.or(Err(NotRun::Panicked))
}
