//! Connections for the pool.

use super::{Conn, DatabaseUrl, Purpose, connect};
use crate::{database::Gate, error::ConnectError};
use diesel::r2d2::R2D2Connection;
use std::sync::{Arc, Mutex, PoisonError};

/// The last failure to connect, which the pool itself keeps as a text only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failures(Arc<Mutex<Option<Box<ConnectError>>>>);

impl Failures {
    fn set(&self, failure: Option<Box<ConnectError>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// Why the pool has no connection, where its last attempt failed.
    pub(crate) fn last(&self) -> Option<Box<ConnectError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) url: DatabaseUrl,
    pub(crate) purpose: Purpose,
    pub(crate) failures: Failures,
    pub(crate) gate: Gate,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = Box<ConnectError>;

    fn connect(&self) -> Result<Conn, Self::Error> {
        let Some(_pass) = self.gate.enter() else { return Err(Box::new(ConnectError::new(&self.url, "the database is closed"))) };
        let outcome = connect(&self.url, self.purpose);
        self.failures.set(outcome.as_ref().err().cloned());
        outcome
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.ping().map_err(|error| Box::new(ConnectError::new(&self.url, &error.to_string())))
    }

    /// A connection that was lost, or left inside a transaction, is dropped instead of handed on.
    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}
