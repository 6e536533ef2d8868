//! The handle on a database: reads on pooled connections, writes in transactions.

mod freeze;
mod gate;
mod job;
mod kind;
mod meters;
mod options;
#[cfg(feature = "postgres")]
mod pooled_write;
mod read;
mod scratch;
mod tx;
mod write;
#[cfg(feature = "sqlite")]
mod writer;

pub(crate) use gate::Gate;
pub use kind::WriteKind;
pub use meters::{PoolMeters, PoolState, WriterMeters};
pub use options::DatabaseOptions;
pub use scratch::{Removal, Scratch};
pub use tx::Tx;

use crate::conn::{Backend, Conn, DatabaseUrl, Failures, Manager, Purpose, connect};
use crate::error::DbError;
use diesel::connection::TransactionManager;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A database. Cheap to clone: the clones share connections, and the last one closes them.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    /// The same, but for a database in memory, which is a file after all.
    place: DatabaseUrl,
    options: DatabaseOptions,
    pool: r2d2::Pool<Manager>,
    failures: Failures,
    meters: PoolMeters,
    gate: Gate,
    #[cfg(feature = "sqlite")]
    writer: Option<writer::Writer>,
    // Declared last: the file of a database in memory goes after the connections to it.
    #[cfg(feature = "sqlite")]
    _memory: Option<crate::conn::private_file::PrivateFile>,
}

impl Inner {
    /// With a pool that opens connections when they are asked for.
    fn new(url: &DatabaseUrl, place: DatabaseUrl, options: &DatabaseOptions) -> Self {
        let (failures, gate) = (Failures::default(), Gate::default());
        let purpose = if place.backend() == Backend::Sqlite { Purpose::Read } else { Purpose::Write };
        let manager = Manager { url: place.clone(), purpose, failures: failures.clone(), gate: gate.clone() };
        let pool = r2d2::Pool::builder()
            .max_size(options.connections.max(1))
            .min_idle(Some(0))
            .connection_timeout(options.acquire_timeout)
            // A ping at each check-out costs a third of the throughput; lost connections are dropped by `has_broken`.
            .test_on_check_out(false)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(manager);
        Self {
            url: url.clone(),
            place,
            options: options.clone(),
            pool,
            failures,
            meters: PoolMeters::default(),
            gate,
            #[cfg(feature = "sqlite")]
            writer: None,
            #[cfg(feature = "sqlite")]
            _memory: None,
        }
    }
}

impl Database {
    /// Opens a database and makes it where it does not exist: on PostgreSQL through the maintenance database `postgres`, on SQLite as a
    /// file that its owner alone can read. It does not migrate.
    ///
    /// # Errors
    /// [`DbError::Unreachable`] with the cause and what to do, [`DbError::Io`] where a file or folder could not be made.
    pub fn open(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Self, DbError> {
        Self::open_where(url, options, true)
    }

    /// As [`Database::open`], and makes nothing: for who wants to read what is there.
    ///
    /// # Errors
    /// [`DbError::Unreachable`] also where there is no such database.
    pub fn open_existing(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Self, DbError> {
        Self::open_where(url, options, false)
    }

    fn open_where(url: &DatabaseUrl, options: &DatabaseOptions, may_make: bool) -> Result<Self, DbError> {
        #[cfg(feature = "sqlite")]
        let memory = url.is_memory().then(crate::conn::private_file::PrivateFile::create).transpose()?;
        #[cfg(feature = "sqlite")]
        let place = memory.as_ref().map_or_else(|| url.clone(), |file| DatabaseUrl::sqlite(file.path()));
        #[cfg(not(feature = "sqlite"))]
        let place = url.clone();
        match place.backend() {
            _ if !may_make => {}
            #[cfg(feature = "postgres")]
            Backend::Postgres => crate::conn::postgres::create_if_missing(&place)?,
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => place.path().map(crate::conn::sqlite::create).transpose().map(drop)?,
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            _ => {}
        }
        // The cause of a failure is found here, before a pool hides it behind a timeout.
        let first = connect(&place, Purpose::Write)?;
        #[cfg(not(feature = "sqlite"))]
        drop(first);
        #[cfg(feature = "sqlite")]
        let writer = (place.backend() == Backend::Sqlite).then(|| writer::Writer::start(first, place.clone(), options));
        let inner = Inner::new(url, place, options);
        #[cfg(feature = "sqlite")]
        let inner = Inner { writer, _memory: memory, ..inner };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// As [`Database::open`], for a PostgreSQL that need not answer yet: it is connected to when it is first used, and is not made where it
    /// does not exist.
    ///
    /// # Errors
    /// [`DbError::Data`] for SQLite, whose file is there or not.
    #[cfg(feature = "postgres")]
    pub fn open_later(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Self, DbError> {
        if url.backend() != Backend::Postgres {
            return Err(DbError::Data(format!("{url} is no PostgreSQL")));
        }
        Ok(Self { inner: Arc::new(Inner::new(url, url.clone(), options)) })
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// Which backend it is on.
    pub fn backend(&self) -> Backend {
        self.inner.url.backend()
    }

    /// What it was opened with.
    pub fn options(&self) -> &DatabaseOptions {
        &self.inner.options
    }

    /// Refuses whoever comes from now on, and waits for the connections that are being opened or used: then a process can end. `false` where
    /// some are still busy after `within`. Writes that SQLite's writer has taken are not waited for: they are answered when they are safe.
    pub fn close(&self, within: Duration) -> bool {
        self.inner.gate.close(within)
    }

    /// SQLite: the file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn file(&self) -> Option<&std::path::Path> {
        self.inner.place.path()
    }

    /// Where another program finds it, with its password: a PostgreSQL URL, or the path of a file.
    pub(crate) fn place(&self) -> String {
        let place = &self.inner.place;
        place.path().map_or_else(|| place.expose(), |path| path.display().to_string())
    }

    /// A connection of its own beside the pool, to the same place: for work that takes long or changes the session.
    pub(crate) fn dedicated(&self, purpose: Purpose) -> Result<Conn, DbError> {
        Ok(connect(&self.inner.place, purpose)?)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.inner.url)
    }
}

/// How many transactions and savepoints are open; 0 on a broken connection.
fn depth(conn: &mut Conn) -> u32 {
    Conn::transaction_manager_status_mut(conn).transaction_depth().ok().flatten().map_or(0, std::num::NonZero::get)
}
