//! Connections of an index of vectors, with threads of their own.

use super::STORE;
use crate::{ServiceError, blocking::Threads, with_causes};
use lectern_domain::executor;
use lectern_persistence::{Conn, Database, DatabaseOptions, DatabaseUrl, DbError, WriteKind};
use lectern_vector_store::StoreError;
use std::time::Duration;

/// How long a search waits for a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Connections with as many threads.
pub(crate) struct Lane {
    pub(crate) database: Database,
    threads: Threads,
    /// How long an answer is waited for.
    limit: Duration,
}

impl Lane {
    pub(crate) fn open(url: &DatabaseUrl, name: &str, connections: u32, limit: Duration) -> Result<Self, ServiceError> {
        let options = DatabaseOptions { connections, acquire_timeout: PATIENCE, ..DatabaseOptions::default() };
        let database = Database::open_later(url, &options)?;
        let threads = Threads::start(name, connections as usize).map_err(|error| ServiceError::internal("starting threads", error))?;
        Ok(Self { database, threads, limit })
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = self.database.clone();
        self.within(self.limit, move || database.read(work)).await
    }

    /// Changes the index. A freeze holds still what the database keeps, of which an index is no part.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_within(self.limit, work).await
    }

    /// Changes the index in a way that takes long.
    pub(crate) async fn write_within<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut Conn) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = self.database.clone();
        self.within(limit, move || database.write_as(WriteKind::Upkeep, move |tx| work(tx.conn()))).await
    }

    /// Waits for an answer, at most so long: a server may be there and say nothing. Its thread is free again when the system gives the
    /// connection up.
    async fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limit, executor::run(&self.threads, work)).await {
            Ok(done) => done?.map_err(failed),
            Err(_elapsed) => Err(silent()),
        }
    }
}

/// What is said of a server that says nothing.
pub(crate) fn silent() -> StoreError {
    StoreError::Unavailable { store: STORE, why: "it does not answer in time".to_owned() }
}

/// A failure of the database, as an index tells of it.
fn failed(error: DbError) -> StoreError {
    if error.is_outage() {
        return StoreError::Unavailable { store: STORE, why: with_causes(&error) };
    }
    StoreError::Engine { what: "the tables of vectors can't be used".to_owned(), source: Box::new(error) }
}
