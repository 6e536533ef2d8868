//! The followers of a server: three tasks that make passes until they are told to stop.

use super::Followers;
use crate::{
    ServiceError,
    pulse::{Living, Pulse, TaskState, WHILE_FROZEN, rest_after},
};
use lectern_domain::change::Cursor;
use lectern_persistence::{
    Conn, DbError,
    repo::{changes, collections},
};
use lectern_vector_store::embedded::Role;
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle, time::Instant};

/// How often the log is trimmed.
const MAINTENANCE: Duration = Duration::from_secs(60);

/// What a pass began with: where nothing of it is different, there is nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Begun {
    /// The role in the folder of the embedded engines.
    role: Option<Role>,
    /// How often the stores outside were doubted.
    doubts: u64,
    /// The end of the log.
    end: Option<Cursor>,
    /// Which generations there are, as far as their number and the newest of them tell.
    generations: (i64, Option<i32>),
}

/// What a task does in a pass.
#[derive(Debug, Clone, Copy)]
enum Task {
    Lexical,
    Embedder,
    Vectors,
    Maintenance,
}

/// Followers at work; [`Running::stop`] ends them in order.
pub struct Running {
    followers: Arc<Followers>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Followers {
    /// Starts following in the background.
    pub fn start(self: &Arc<Self>) -> Running {
        if self.folder.as_ref().is_some_and(|folder| folder.role() == Role::Holder) {
            tracing::info!("this process follows the change log for the embedded indexes");
        }
        let (stop, stopped) = watch::channel(false);
        let tasks = [Task::Lexical, Task::Embedder, Task::Vectors, Task::Maintenance]
            .into_iter()
            .map(|task| {
                self.pulse(task).set(TaskState::Running);
                tokio::spawn(self.clone().work(task, stopped.clone()))
            })
            .collect();
        Running { followers: self.clone(), stop, tasks }
    }

    async fn work(self: Arc<Self>, task: Task, mut stopped: watch::Receiver<bool>) {
        let pulse = self.pulse(task);
        let _living = Living(pulse);
        let (mut failures, mut done) = (0u32, None);
        loop {
            // A `Notified` gets every `notify_waiters` after its making, polled or not: what is written during the pass is not missed.
            let written = self.written.notified();
            // A pass may take as long as embedding a whole corpus does. It can be left at any point, so a stop does not wait for its end.
            let passed = tokio::select! {
                biased;
                _ = stopped.wait_for(|stop| *stop) => return,
                passed = self.pass(task, &mut done) => passed,
            };
            let rest = match passed {
                Ok(()) => {
                    failures = 0;
                    pulse.set(TaskState::Running);
                    if matches!(task, Task::Maintenance) { MAINTENANCE } else { self.options.poll }
                }
                // What is to be written is written after the thaw.
                Err(ServiceError::Frozen(_)) => {
                    failures = 0;
                    pulse.set(TaskState::Running);
                    WHILE_FROZEN
                }
                Err(error) => {
                    if failures == 0 {
                        tracing::error!(?task, error = &error as &dyn std::error::Error, "a follower failed; it goes on trying");
                    }
                    failures = failures.saturating_add(1);
                    pulse.set(TaskState::Failing);
                    rest_after(failures)
                }
            };
            let until = Instant::now() + rest;
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep_until(until) => {}
                () = written, if failures == 0 && !matches!(task, Task::Maintenance) => {}
            }
        }
    }

    fn pulse(&self, task: Task) -> &Pulse {
        match task {
            Task::Lexical => &self.pulses.lexical,
            Task::Embedder => &self.pulses.embedder,
            Task::Vectors => &self.pulses.vectors,
            Task::Maintenance => &self.pulses.maintenance,
        }
    }

    /// A pass, unless the log's end is where the last complete pass began.
    async fn pass(&self, task: Task, done: &mut Option<Begun>) -> Result<(), ServiceError> {
        if matches!(task, Task::Maintenance) {
            return self.maintain().await;
        }
        self.take_over().await?;
        let role = self.folder.as_ref().map(|folder| folder.role());
        let doubts = self.doubts.load(Relaxed);
        let look = |conn: &mut Conn| Ok::<_, DbError>((changes::head(conn)?, collections::generations_stamp(conn)?));
        let (end, generations) = self.bridge.read(look).await?;
        let begun = Begun { role, doubts, end, generations };
        if *done == Some(begun) {
            return Ok(());
        }
        let complete = match task {
            Task::Embedder => self.embed_pass().await?,
            Task::Vectors => self.vectors_pass().await?,
            Task::Lexical | Task::Maintenance => self.lexical_pass().await?,
        };
        *done = complete.then_some(begun);
        Ok(())
    }

    /// Gives back what a pass took that was left, so that nobody has to wait for its end.
    pub(crate) async fn leave(&self) {
        for seat in [&self.lexical_seat, &self.vectors_seat] {
            if let Err(error) = self.give_back(seat).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "other processes wait for a while before they follow");
            }
        }
        if let Err(error) = self.release_lease().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "other processes wait for a while before they embed");
        }
    }

    /// Becomes the holder of the folder where nobody is any more.
    pub(crate) async fn take_over(&self) -> Result<(), ServiceError> {
        if let Some(folder) = self.folder.as_ref().filter(|folder| folder.role() == Role::Reader) {
            let folder = folder.clone();
            if self.bridge.compute(move || folder.try_take_over()).await?? {
                tracing::info!("this process follows the change log for the embedded indexes from now on");
                self.register().await?;
            }
        }
        Ok(())
    }
}

impl Running {
    /// Ends the followers, makes what they did durable and gives back the right to embed. None of their tasks is left afterwards.
    pub async fn stop(self) {
        // The tasks may have ended already: then nobody listens.
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a follower ended by a panic");
            }
        }
        self.followers.leave().await;
        if let Err(error) = self.followers.flush().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the vector index could not be written; it is replayed at the next start"
            );
        }
    }
}
