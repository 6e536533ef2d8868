//! A connection that alone may change the schema.
//!
//! PostgreSQL: a lock of the session, and each migration in a transaction of its own. SQLite: a lock on a file beside the database, and all
//! migrations in one exclusive transaction without foreign keys, which are checked before its commit; what must run outside a transaction
//! divides it.

use super::{
    ledger::{self, LedgerRow},
    recorded::Recorded,
    script::Script,
};
use crate::{
    conn::{Conn, Purpose, with_conn},
    database::Database,
    error::DbError,
    repo::freezes,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::{SimpleConnection, TransactionManager},
    sql_types::{BigInt, Text},
};
use diesel_migrations::MigrationHarness;
use std::{
    fs::File,
    thread,
    time::{Duration, Instant},
};

/// Any number does; no other lock may have it.
#[cfg(feature = "postgres")]
const MIGRATION_LOCK: i64 = 0x6c65_6374_6d69_6701;

/// The pause between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(50);

/// What is one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Each migration; on SQLite as many as can.
    Each,
    /// Everything.
    Whole,
}

/// The lock, and the connection that works under it.
pub(crate) struct Session {
    conn: Conn,
    /// Whether a transaction of several migrations is open.
    open: bool,
    /// SQLite's lock; it goes with the process, however that ends.
    _lock: Option<File>,
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    taken: bool,
}

#[derive(QueryableByName)]
struct Orphans {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl Session {
    /// Waits for the lock, for at most `patience`, and makes the tables that record what is done. With [`Span::Whole`] everything is one
    /// transaction, which can be undone.
    pub(crate) fn start(database: &Database, patience: Duration, span: Span) -> Result<Self, DbError> {
        let start = Instant::now();
        let (conn, lock) = lock(database, start, patience)?;
        let mut session = Self { conn, open: false, _lock: lock };
        session.begin_on_sqlite(start, patience)?;
        // Under the lock: who freezes waits for it once the row is written.
        if ledger::exists(&mut session.conn, "freezes")? && freezes::find(&mut session.conn)?.is_some() {
            return Err(DbError::Frozen);
        }
        if span == Span::Whole && !session.open {
            Conn::begin_transaction(&mut session.conn)?;
            session.open = true;
        }
        ledger::create(&mut session.conn)?;
        Ok(session)
    }

    /// The connection.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Undoes everything.
    pub(crate) fn undo(mut self) -> Result<(), DbError> {
        Ok(Conn::rollback_transaction(&mut self.conn)?)
    }

    /// Applies a migration, and records it.
    pub(crate) fn apply(&mut self, script: &Script) -> Result<Duration, DbError> {
        self.change(script, |conn, script| with_conn!(conn, c => c.run_migration(&Recorded(script)).map(drop)))
    }

    /// Reverts a migration, and forgets it.
    pub(crate) fn revert(&mut self, script: &Script) -> Result<Duration, DbError> {
        self.change(script, |conn, script| with_conn!(conn, c => c.revert_migration(&Recorded(script)).map(drop)))
    }

    fn change(
        &mut self,
        script: &Script,
        run: impl FnOnce(&mut Conn, &Script) -> diesel::migration::Result<()>,
    ) -> Result<Duration, DbError> {
        let failed = |source| DbError::Migration { name: script.name.clone(), source };
        if script.in_transaction {
            let start = Instant::now();
            run(&mut self.conn, script).map_err(failed)?;
            return Ok(start.elapsed());
        }
        let divided = self.open;
        self.commit()?;
        // What is left of this row tells the next start that the script did not come to its end.
        ledger::write(&mut self.conn, &LedgerRow::running(script))?;
        let start = Instant::now();
        run(&mut self.conn, script).map_err(failed)?;
        let took = start.elapsed();
        if divided {
            self.begin_on_sqlite(Instant::now(), Duration::MAX)?;
        }
        Ok(took)
    }

    /// Begins again what was divided by a migration outside a transaction.
    pub(crate) fn ensure_open(&mut self) -> Result<(), DbError> {
        if !self.open {
            Conn::begin_transaction(&mut self.conn)?;
            self.open = true;
        }
        Ok(())
    }

    /// Makes what was done permanent.
    pub(crate) fn finish(mut self) -> Result<(), DbError> {
        self.commit()
    }

    fn commit(&mut self) -> Result<(), DbError> {
        if !self.open {
            return Ok(());
        }
        if self.conn.backend() == crate::Backend::Sqlite {
            let orphans =
                diesel::sql_query("SELECT \"table\" AS name, count(*) AS rows FROM pragma_foreign_key_check GROUP BY 1 ORDER BY 1");
            if let Some(first) = orphans.load::<Orphans>(&mut self.conn)?.first() {
                let source = format!("{} rows of {} refer to rows that do not exist", first.rows, first.name).into();
                return Err(DbError::Migration { name: "foreign keys".to_owned(), source });
            }
        }
        Conn::commit_transaction(&mut self.conn)?;
        self.open = false;
        Ok(())
    }

    /// On a connection of its own, which is closed afterwards: a failure rolls back by that.
    #[cfg(feature = "sqlite")]
    #[cfg_attr(not(feature = "postgres"), expect(clippy::infallible_destructuring_match, reason = "there may be another backend"))]
    fn begin_on_sqlite(&mut self, start: Instant, patience: Duration) -> Result<(), DbError> {
        use diesel::connection::AnsiTransactionManager;
        let sqlite = match &mut self.conn {
            Conn::Sqlite(sqlite) => sqlite,
            #[cfg(feature = "postgres")]
            Conn::Pg(_) => return Ok(()),
        };
        // Rebuilding a table would fire its delete rules; inside a transaction the pragma does nothing.
        sqlite.batch_execute("PRAGMA foreign_keys = OFF")?;
        // Each attempt waits for as long as the session's busy timeout.
        wait(start, patience, || match AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN EXCLUSIVE").map_err(DbError::from) {
            Ok(()) => Ok(true),
            Err(DbError::Busy) => Ok(false),
            Err(error) => Err(error),
        })?;
        self.open = true;
        Ok(())
    }

    #[cfg(not(feature = "sqlite"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "SQLite alone has something to do")]
    fn begin_on_sqlite(&mut self, _: Instant, _: Duration) -> Result<(), DbError> {
        Ok(())
    }
}

/// Returns when nobody migrates who began before.
pub(crate) fn wait_for_migrations(database: &Database, patience: Duration) -> Result<(), DbError> {
    lock(database, Instant::now(), patience).map(drop)
}

/// A connection, and the lock of those who migrate, which goes with the two.
fn lock(database: &Database, start: Instant, patience: Duration) -> Result<(Conn, Option<File>), DbError> {
    let mut conn = database.dedicated(Purpose::Write)?;
    let lock = match &mut conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => {
            // A server that works on a long statement does not notice that its client was killed, and keeps the lock. Before
            // PostgreSQL 14 there is no such setting, and nothing is lost but time.
            let _ = pg.batch_execute("SET client_connection_check_interval = 1000");
            // Polled: to wait inside the function would block a migration that builds an index concurrently.
            wait(start, patience, || {
                let query = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken").bind::<BigInt, _>(MIGRATION_LOCK);
                Ok(query.get_result::<Taken>(pg)?.taken)
            })?;
            None
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => Some(lock_file(database, start, patience)?),
    };
    Ok((conn, lock))
}

/// Tries until it succeeds or the time is over.
fn wait(start: Instant, patience: Duration, mut attempt: impl FnMut() -> Result<bool, DbError>) -> Result<(), DbError> {
    while !attempt()? {
        if start.elapsed() >= patience {
            return Err(DbError::MigrationLock { waited: start.elapsed() });
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Locks a file beside the database: an exclusive transaction alone would end where a migration has to run outside of one.
#[cfg(feature = "sqlite")]
fn lock_file(database: &Database, start: Instant, patience: Duration) -> Result<File, DbError> {
    use std::{ffi::OsString, fs::TryLockError, path::PathBuf};
    let path = database.file().ok_or_else(|| DbError::Data("the database has no file".to_owned()))?;
    let mut name = OsString::from(path);
    name.push(".migrating");
    let path = PathBuf::from(name);
    let failed = |source| DbError::Io { path: path.clone(), source };
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(failed)?;
    wait(start, patience, || match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    })?;
    Ok(file)
}
