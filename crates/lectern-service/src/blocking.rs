//! The one bridge from async code to code that blocks: Diesel, the embedded engines, password hashes, local models.
//!
//! Three sets of threads, each behind a bounded queue: `sql` has as many threads as the pool has connections, so that a connection is
//! never waited for with a thread in hand; `compute` has as many as the machine has cores; `background` has one for each engine that
//! followers write to, so that no search waits behind them. A full queue answers [`Overloaded`] at once, which becomes 503.

use crossbeam_channel::{Receiver, Sender, bounded};
use futures_channel::oneshot;
use lectern_domain::{
    executor::{Executor, Job, NotRun, Overloaded, run},
    meter::{Counter, Level, Timings},
};
use lectern_persistence::{Backend, Conn, Database, DbError, Tx, WriteKind};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Instant,
};
use tracing::Span;

/// The most jobs that wait for a thread of one set.
const QUEUE: usize = 1024;

/// The engines that are written to at once: words and vectors.
const ENGINES: usize = 2;

/// A job that waits, with the span in whose name it logs.
struct Waiting {
    job: Job,
    span: Span,
    since: Instant,
}

/// What a set of threads tells about itself.
#[derive(Debug, Default)]
pub struct ThreadsMeters {
    /// How long jobs waited for a thread.
    pub waits: Timings,
    /// Jobs that were not taken, since too many waited.
    pub refused: Counter,
    /// Threads that have a job now.
    pub busy: Level,
}

/// Named threads behind one bounded queue.
pub struct Threads {
    sender: Sender<Waiting>,
    meters: Arc<ThreadsMeters>,
    count: usize,
}

impl Threads {
    /// Starts `count` threads; they end when the last handle to them is dropped.
    ///
    /// # Errors
    /// The system's error where it gives no more threads.
    pub fn start(name: &str, count: usize) -> std::io::Result<Self> {
        let (sender, receiver) = bounded::<Waiting>(QUEUE);
        let (meters, count) = (Arc::new(ThreadsMeters::default()), count.max(1));
        for number in 0..count {
            let (receiver, meters) = (receiver.clone(), Arc::clone(&meters));
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&receiver, &meters))?;
        }
        Ok(Self { sender, meters, count })
    }

    /// What they tell about themselves.
    pub fn meters(&self) -> &ThreadsMeters {
        &self.meters
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many jobs wait, and how many may.
    pub fn queue(&self) -> (usize, usize) {
        (self.sender.len(), QUEUE)
    }
}

/// Runs jobs until nobody can send one. A job that panics is a defect: it is logged, its asker is told, the thread goes on.
fn work(waiting: &Receiver<Waiting>, meters: &ThreadsMeters) {
    for Waiting { job, span, since } in waiting {
        meters.waits.took(since.elapsed());
        meters.busy.up();
        span.in_scope(|| {
            if catch_unwind(AssertUnwindSafe(job)).is_err() {
                tracing::error!("a job panicked; its asker gets an error");
            }
        });
        meters.busy.down();
    }
}

impl Executor for Threads {
    fn submit(&self, job: Job) -> Result<(), Overloaded> {
        let waiting = Waiting { job, span: Span::current(), since: Instant::now() };
        self.sender.try_send(waiting).map_err(|_full| {
            self.meters.refused.up();
            Overloaded
        })
    }
}

/// Async access to the database and to the compute threads.
#[derive(Clone)]
pub struct Bridge {
    database: Database,
    sql: Arc<Threads>,
    compute: Arc<Threads>,
    background: Arc<Threads>,
}

impl Bridge {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system's error where it gives no more threads.
    pub fn start(database: Database) -> std::io::Result<Self> {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let sql = Threads::start("sql", database.options().connections as usize)?;
        let compute = Threads::start("compute", cores)?;
        let background = Threads::start("background", ENGINES)?;
        Ok(Self { database, sql: Arc::new(sql), compute: Arc::new(compute), background: Arc::new(background) })
    }

    /// The database, for code that may block.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The compute threads, for adapters that take an executor.
    pub fn executor(&self) -> Arc<dyn Executor> {
        self.compute.clone()
    }

    /// The threads of work that nobody waits for.
    pub fn background(&self) -> Arc<dyn Executor> {
        self.background.clone()
    }

    /// Every set of threads, by name.
    pub fn threads(&self) -> [(&'static str, &Threads); 3] {
        [("sql", &*self.sql), ("compute", &*self.compute), ("background", &*self.background)]
    }

    /// Reads on a pooled connection.
    ///
    /// # Errors
    /// What `f` returns; [`DbError`] where there is no connection or the queue is full.
    pub async fn read<T, E>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let database = self.database.clone();
        run(&*self.sql, move || database.read(f)).await.unwrap_or_else(|error| Err(not_run(error).into()))
    }

    /// Writes in one transaction; the answer comes after its commit.
    ///
    /// # Errors
    /// What `f` returns, and then nothing is written; [`DbError`] where there is no connection or the queue is full.
    pub async fn write<T, E>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.write_as(WriteKind::Change, f).await
    }

    /// The same for a write that a freeze of the database may let through.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_as<T, E>(&self, kind: WriteKind, f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        if self.database.backend() == Backend::Postgres {
            let database = self.database.clone();
            return run(&*self.sql, move || database.write_as(kind, f)).await.unwrap_or_else(|error| Err(not_run(error).into()));
        }
        let (answer, wait) = oneshot::channel();
        let span = Span::current();
        self.database.submit_write(kind, move |tx| span.in_scope(|| f(tx)), move |result| drop(answer.send(result)))?;
        wait.await.unwrap_or_else(|_| Err(not_run(NotRun::Panicked).into()))
    }

    /// Runs work that keeps a processor busy.
    ///
    /// # Errors
    /// [`NotRun`] where the queue is full, or `f` panicked.
    pub async fn compute<T: Send + 'static>(&self, f: impl FnOnce() -> T + Send + 'static) -> Result<T, NotRun> {
        run(&*self.compute, f).await
    }
}

fn not_run(error: NotRun) -> DbError {
    match error {
        NotRun::Overloaded(Overloaded) => DbError::Overloaded,
        NotRun::Panicked => DbError::Panicked("a job ended without an answer".to_owned()),
    }
}
