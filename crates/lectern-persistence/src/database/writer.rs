//! SQLite's one writer: a thread that owns the connection and commits waiting writes in groups.

use super::job::{Job, Write};
use super::meters::WriterMeters;
use super::{DatabaseOptions, Tx, WriteKind};
use crate::conn::{Conn, DatabaseUrl, Purpose, connect, sqlite};
use crate::error::DbError;
use crate::migrate::exists;
use crate::repo::freezes::{self, FreezeState};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Every so many groups the size of the write-ahead log is looked at.
const CHECK_LOG_EVERY: u32 = 256;

pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    pub(super) meters: Arc<WriterMeters>,
}

impl Writer {
    pub(super) fn start(conn: Conn, url: DatabaseUrl, options: &DatabaseOptions) -> Self {
        let (queue, waiting) = sync_channel(options.write_queue.max(1));
        let meters = Arc::new(WriterMeters::default());
        let mut state = State { conn: Some(conn), url, group: options.group.max(1), groups: 0, meters: Arc::clone(&meters) };
        let thread = std::thread::Builder::new().name("lectern-writer".to_owned()).spawn(move || state.serve(&waiting));
        // Without a thread nobody receives, and every write is answered with `Overloaded`.
        let thread = thread.inspect_err(|error| tracing::error!(%error, "the writer's thread could not be started")).ok();
        Self { queue: Some(queue), thread, meters }
    }

    pub(super) fn submit<T, E>(
        &self,
        kind: WriteKind,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) -> Result<(), DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let Some(queue) = &self.queue else { return Err(DbError::Overloaded) };
        // Before it is sent: the writer may take it at once.
        self.meters.waiting.up();
        queue.try_send(Box::new(Write { kind, work: Some(f), outcome: None, done })).map_err(|refused| match refused {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => {
                self.meters.waiting.down();
                self.meters.refused.up();
                DbError::Overloaded
            }
        })
    }
}

impl Drop for Writer {
    /// Waits until what was taken is written, and the file is closed.
    fn drop(&mut self) {
        self.queue = None;
        // The last handle may go inside a closure that the writer itself runs.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            // It ends with a panic only where a drop of a closure's value panicked, which has been reported.
            let _ = thread.join();
        }
    }
}

struct State {
    /// None after a failure: the next group connects anew.
    conn: Option<Conn>,
    url: DatabaseUrl,
    group: usize,
    groups: u32,
    meters: Arc<WriterMeters>,
}

impl State {
    fn serve(&mut self, waiting: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = waiting.recv() {
            self.meters.waiting.down();
            let mut jobs = vec![first];
            let outcome = self.write(&mut jobs, waiting).map_err(Arc::new);
            self.meters.writes.add(jobs.len() as u64);
            for job in jobs {
                job.answer(outcome.as_ref().copied().map_err(share));
            }
            self.meters.groups.up();
            self.groups = self.groups.wrapping_add(1);
            if self.groups.is_multiple_of(CHECK_LOG_EVERY) {
                self.shorten_log();
            }
        }
    }

    /// Runs the jobs, and those that come while it does, in one transaction. What is in `jobs` is to be answered with the outcome.
    fn write(&mut self, jobs: &mut Vec<Box<dyn Job>>, waiting: &Receiver<Box<dyn Job>>) -> Result<(), DbError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => connect(&self.url, Purpose::Write)?,
        };
        if let Err(error) = begin_immediate(&mut conn) {
            // Another process holds the lock: the connection itself is well.
            self.conn = matches!(error, DbError::Busy).then_some(conn);
            return Err(error);
        }
        let frozen = frozen(&mut conn)?;
        let mut next = 0;
        loop {
            while let Some(job) = jobs.get_mut(next) {
                next += 1;
                if job.kind().is_refused_in(frozen) {
                    job.refuse(DbError::Frozen);
                } else {
                    savepoint(&mut conn, job.as_mut())?;
                }
            }
            if next >= self.group {
                break;
            }
            match waiting.try_recv() {
                Ok(job) => {
                    self.meters.waiting.down();
                    jobs.push(job);
                }
                Err(_) => break,
            }
        }
        // A connection that fails here is dropped, which rolls back.
        Conn::commit_transaction(&mut conn)?;
        self.conn = Some(conn);
        Ok(())
    }

    /// Under constant readers the log grows: an automatic checkpoint copies it, but never starts it anew.
    fn shorten_log(&mut self) {
        let length =
            self.url.path().and_then(|path| std::fs::metadata(format!("{}-wal", path.display())).ok()).map_or(0, |file| file.len());
        let Some(conn) = self.conn.as_mut().filter(|_| length > sqlite::JOURNAL_LIMIT) else { return };
        // Readers that do not end soon are left alone until the next time.
        let pragmas =
            format!("PRAGMA busy_timeout = 100; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = {};", sqlite::BUSY_TIMEOUT_MS);
        if let Err(error) = conn.batch_execute(&pragmas) {
            tracing::warn!(%error, "the write-ahead log could not be shortened");
            self.conn = None;
        }
    }
}

/// Runs one job in a savepoint of its own. An error is one of the whole group: SQLite may have rolled back everything.
fn savepoint(conn: &mut Conn, job: &mut dyn Job) -> Result<(), DbError> {
    Conn::begin_transaction(conn)?;
    if job.run(conn) {
        return Ok(Conn::commit_transaction(conn)?);
    }
    // A panic may have left nested savepoints open. The outermost transaction, of depth 1, stays.
    while super::depth(conn) > 1 {
        Conn::rollback_transaction(conn)?;
    }
    match super::depth(conn) {
        1 => Ok(()),
        _ => Err(DbError::Data("the writer's transaction was lost".to_owned())),
    }
}

/// What everybody of a failed group is told.
fn share(error: &Arc<DbError>) -> DbError {
    match error.as_ref() {
        DbError::Busy => DbError::Busy,
        _ => DbError::GroupFailed(Arc::clone(error)),
    }
}

/// How far a freeze has come. Under the write lock, so that none comes in between.
fn frozen(conn: &mut Conn) -> Result<Option<FreezeState>, DbError> {
    match freezes::find(conn) {
        Ok(freeze) => Ok(freeze.map(|freeze| freeze.state)),
        // Before the migration that makes the table, nothing can be frozen.
        Err(_) if !exists(conn, "freezes")? => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes SQLite's write lock at once: a transaction that reads first and writes later is refused without a wait.
fn begin_immediate(conn: &mut Conn) -> Result<(), DbError> {
    match conn {
        Conn::Sqlite(sqlite) => Ok(AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Err(DbError::Data("the writer is SQLite's".to_owned())),
    }
}
