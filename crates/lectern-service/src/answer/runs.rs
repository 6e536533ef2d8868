//! The answers that this process is writing: how one is cancelled, and how others know that it is alive.

use crate::{ServiceError, blocking::Bridge};
use lectern_domain::{
    executor::Overloaded,
    ids::{HolderId, RunId, StreamId},
};
use lectern_persistence::{DbError, WriteKind, repo::runs};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use uuid::Uuid;

/// How answers are written.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How long a process that says nothing is believed to be alive, by the database's clock.
    pub lease: Duration,
    /// How often a process says so, and how soon it notices that another one stopped an answer.
    pub heartbeat: Duration,
    /// How many answers are written at once; past it the answer is 503.
    pub at_once: usize,
}

impl Default for RunOptions {
    /// Ten seconds, two seconds, 4,096.
    fn default() -> Self {
        Self::leased(Duration::from_secs(10))
    }
}

impl RunOptions {
    /// The usual options but for the lease, in which there are five heartbeats.
    pub fn leased(lease: Duration) -> Self {
        Self { lease, heartbeat: lease / 5, at_once: 4096 }
    }
}

/// The answers that this process is writing.
pub struct Runs {
    bridge: Bridge,
    options: RunOptions,
    /// This process, for the others.
    runner: HolderId,
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: HashMap<StreamId, Running>,
    /// Whether the task that says that this process is alive is there.
    beating: bool,
}

struct Running {
    run: RunId,
    cancel: watch::Sender<bool>,
    ended: watch::Receiver<()>,
}

/// One answer that is being written, until it is dropped.
pub(super) struct Run {
    runs: Arc<Runs>,
    pub(super) stream: StreamId,
    pub(super) id: RunId,
    cancelled: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
    /// Closed by the drop: who waits for the end waits for that.
    _ended: watch::Sender<()>,
}

impl Runs {
    /// Nothing runs yet. The answers of processes that are not alive any more are nobody's from now on.
    pub(crate) async fn open(bridge: Bridge, options: RunOptions) -> Result<Arc<Self>, ServiceError> {
        let swept = match bridge.write_as::<_, DbError>(WriteKind::Ending, |tx| runs::sweep(tx.conn())).await {
            // The next one who looks does it.
            Err(DbError::Frozen) => 0,
            swept => swept?,
        };
        if swept > 0 {
            tracing::info!(swept, "answers were cut by the end of their process");
        }
        let places = Arc::new(Semaphore::new(options.at_once));
        Ok(Arc::new(Self { bridge, options, runner: HolderId(Uuid::new_v4()), places, state: Mutex::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a stream: whoever was writing its answer until now is cancelled and keeps nothing any more.
    ///
    /// # Errors
    /// [`ServiceError::Overloaded`] where too many answers are being written, [`ServiceError::StreamNotFound`] where the stream is gone.
    pub(super) async fn begin(self: &Arc<Self>, stream: StreamId) -> Result<Run, ServiceError> {
        let place = self.places.clone().try_acquire_owned().or(Err(Overloaded))?;
        let id = RunId(Uuid::new_v4());
        let (runner, lease) = (self.runner, self.options.lease);
        self.bridge
            .write(move |tx| match runs::begin(tx.conn(), stream, id, runner, lease) {
                Err(DbError::ForeignKeyViolation { .. }) => Err(ServiceError::StreamNotFound),
                begun => Ok(begun?),
            })
            .await?;
        let (cancel, cancelled) = watch::channel(false);
        let (ending, ended) = watch::channel(());
        let mut state = self.state();
        if let Some(earlier) = state.running.insert(stream, Running { run: id, cancel, ended }) {
            earlier.cancel.send_replace(true);
        }
        if !std::mem::replace(&mut state.beating, true) {
            tokio::spawn(self.clone().beat());
        }
        drop(state);
        Ok(Run { runs: self.clone(), stream, id, cancelled, _place: place, _ended: ending })
    }

    /// Cancels the answer to a stream, where this process writes it. What is returned is closed at its end.
    pub(super) fn cancel(&self, stream: StreamId) -> Option<watch::Receiver<()>> {
        self.state().running.get(&stream).map(|running| {
            running.cancel.send_replace(true);
            running.ended.clone()
        })
    }

    /// How many answers this process is writing.
    pub fn count(&self) -> usize {
        self.state().running.len()
    }

    /// Says again and again that this process is alive, as long as it writes any answer, and cancels what is not wanted any more.
    async fn beat(self: Arc<Self>) {
        let mut failing = false;
        loop {
            tokio::time::sleep(self.options.heartbeat).await;
            // Taken before the database is asked: what begins meanwhile is not cancelled for not being in its answer.
            let known: Vec<RunId> = {
                let mut state = self.state();
                state.beating = !state.running.is_empty();
                if !state.beating {
                    return;
                }
                state.running.values().map(|running| running.run).collect()
            };
            let (runner, lease, asked) = (self.runner, self.options.lease, known.clone());
            let renewed = self.bridge.write_as::<_, DbError>(WriteKind::Ending, move |tx| {
                // First its own: a process that was held up is no dead one.
                let wanted = runs::renew(tx.conn(), runner, &asked, lease)?;
                runs::sweep(tx.conn())?;
                Ok(wanted)
            });
            match renewed.await {
                Ok(wanted) => {
                    failing = false;
                    for running in self.state().running.values() {
                        if known.contains(&running.run) && !wanted.contains(&running.run) {
                            running.cancel.send_replace(true);
                        }
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "other processes are not told that answers are being written"
                        );
                    }
                }
            }
        }
    }
}

impl Run {
    /// Returns when the answer is not wanted any more.
    pub(super) async fn cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        // The sender goes with the registry's entry: another run took its place, which cancelled this one before.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
    }

    /// Ends the run, and keeps what it leaves behind unless another one took its place.
    pub(super) async fn end(&self, finished: Option<runs::Finished>) -> Result<bool, ServiceError> {
        let (stream, id) = (self.stream, self.id);
        Ok(self.runs.bridge.write_as::<_, DbError>(WriteKind::Ending, move |tx| runs::end(tx.conn(), stream, id, finished)).await?)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut state = self.runs.state();
        if state.running.get(&self.stream).is_some_and(|running| running.run == self.id) {
            state.running.remove(&self.stream);
        }
    }
}
