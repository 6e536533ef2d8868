//! A database for one purpose.

use super::{Database, DatabaseOptions};
use crate::{
    conn::{Backend, DatabaseUrl},
    error::DbError,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long its connections may take to end.
const END: Duration = Duration::from_secs(5);

/// An empty database that is gone with this value.
///
/// A process that is killed leaves it. Whoever makes the next one removes it then: while its process lives, on PostgreSQL a connection is open on it, and on
/// SQLite a file beside it is locked.
#[derive(Debug)]
pub struct Scratch {
    database: Database,
    removal: Removal,
    /// Tells others that somebody needs it.
    #[cfg(feature = "postgres")]
    _alive: Option<Alive>,
}

/// A connection that nothing is asked on.
#[cfg(feature = "postgres")]
struct Alive {
    _conn: diesel::pg::PgConnection,
}

#[cfg(feature = "postgres")]
impl std::fmt::Debug for Alive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Alive")
    }
}

/// Removes a scratch database, from another thread than the one that uses it: for a process that is told to end. Its clones are about the same database.
#[derive(Debug, Clone, Default)]
pub struct Removal(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Where the database is, while it is there.
    place: Option<DatabaseUrl>,
    /// Whether none is to be made any more.
    is_over: bool,
}

impl Removal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the database, whoever uses it, and has none made from now on. One that is being made is waited for.
    ///
    /// # Errors
    /// Failures of the server or of the file system: it is still there then.
    pub fn remove(&self) -> Result<(), DbError> {
        let mut state = self.state();
        state.is_over = true;
        match state.place.take() {
            Some(place) => remove(&place),
            None => Ok(()),
        }
    }
}

impl Scratch {
    /// Makes one: on PostgreSQL a database `lectern_trial_…` on the same server, which the user must be allowed to make; on SQLite a file in the
    /// temporary folder. Removes those that killed processes of the same user left.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn beside(url: &DatabaseUrl) -> Result<Self, DbError> {
        Self::removable(url, &Removal::default())
    }

    /// The same, for a process that ends in good order when it is told to end.
    ///
    /// # Errors
    /// As [`Database::open`], and [`DbError::Closed`] where it was told already.
    pub fn removable(url: &DatabaseUrl, removal: &Removal) -> Result<Self, DbError> {
        let options = DatabaseOptions { connections: 1, ..DatabaseOptions::default() };
        // Held until it is made: who removes it waits.
        let mut state = removal.state();
        if state.is_over {
            return Err(DbError::Closed);
        }
        match url.backend() {
            #[cfg(feature = "postgres")]
            Backend::Postgres => {
                let url = url.with_database(&format!("{}{}", crate::conn::postgres::TRIAL, uuid::Uuid::new_v4().simple()));
                state.place = Some(url.clone());
                let made = crate::conn::postgres::create_trial(&url).and_then(|conn| Ok((conn, Database::open_existing(&url, &options)?)));
                let (conn, database) = made.inspect_err(|_| {
                    // What was made of it is nobody's.
                    let _ = state.place.take().map(|place| remove(&place));
                })?;
                Ok(Self { database, removal: removal.clone(), _alive: Some(Alive { _conn: conn }) })
            }
            #[cfg(feature = "sqlite")]
            Backend::Sqlite => {
                let database = Database::open(&DatabaseUrl::memory(), &options)?;
                if let Some(file) = database.file() {
                    crate::conn::private_file::sweep(file);
                    state.place = Some(DatabaseUrl::sqlite(file));
                }
                Ok(Self {
                    database,
                    removal: removal.clone(),
                    #[cfg(feature = "postgres")]
                    _alive: None,
                })
            }
            #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
            _ => Err(Database::open(url, &options).err().unwrap_or(DbError::Closed)),
        }
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.database.close(END);
        // A file goes with the last handle on it.
        let place = self.removal.state().place.take().filter(|place| place.backend() == Backend::Postgres);
        if let Some(Err(error)) = place.as_ref().map(remove) {
            tracing::warn!(url = %self.database.url(), error = &error as &dyn std::error::Error, "a scratch database could not be removed");
        }
    }
}

fn remove(place: &DatabaseUrl) -> Result<(), DbError> {
    match place.backend() {
        #[cfg(feature = "postgres")]
        Backend::Postgres => crate::conn::postgres::drop_database(place),
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => place.path().map_or(Ok(()), crate::conn::private_file::remove),
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        _ => Ok(()),
    }
}
