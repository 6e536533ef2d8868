//! Taking over the database of an Albert API.
//!
//! Its tables are looked at, moved into a schema of their own, and copied from there into the tables that the first migrations make; the other
//! migrations follow. All of that is one transaction: either the database is Lectern's afterwards, or nothing was changed.

mod copy;
mod emails;
mod left_out;
mod look;
mod query;
mod rows;
mod statements;
mod tables;
mod undo;

pub use left_out::LeftOut;
pub use look::Finding;
pub(super) use look::is_albert;

use super::{
    Applied, Migrator, installation,
    revision::Revision,
    session::{Session, Span},
};
use crate::{
    conn::{Backend, Conn, Purpose},
    error::DbError,
};
use diesel::connection::{SimpleConnection, TransactionManager};
use std::time::{Duration, Instant};

/// The schema that the tables of the Albert API are moved to.
pub const KEPT_IN: &str = "albert_before";

/// The last migration of which the copy knows: it makes the tables of accounts and conversations. Later ones find rows in them, as in any other
/// database.
const COPIED_AT: &str = "20261121000200";

/// How far to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Extent {
    /// Look, and lock nobody out.
    Look,
    /// Do everything, then undo it.
    Rehearse,
    /// Do it.
    #[default]
    Whole,
}

/// How to take over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdoptOptions {
    /// How far to go.
    pub extent: Extent,
    /// The time zone in which the Albert API's database wrote its times; the one that the server gives to new sessions where none is named.
    pub time_zone: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// There is nothing to do: the database is Lectern's already.
    Already,
    /// What is not as it should be. Nothing was changed.
    Refused(Vec<Finding>),
    /// It was taken over, or can be.
    Adopted(Adopted),
}

/// A database that was taken over, or can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The time zone in which its times were read.
    pub time_zone: String,
    /// What its tables take on the disk; the copy takes about as much.
    pub bytes: i64,
    /// The tables of the Albert API that hold something for Lectern.
    pub tables: Vec<TableRows>,
    /// What has no place in Lectern's tables, and loses nothing.
    pub left_out: Vec<LeftOut>,
    /// Who could use the old tables, beside their owner, and cannot use the new ones.
    pub grants: Vec<String>,
    /// The migrations that were applied; none where it was only looked at.
    pub migrations: Vec<Applied>,
    /// How long the others were locked out; none where it was only looked at.
    pub took: Option<Duration>,
}

/// A table's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// Its name.
    pub name: &'static str,
    /// How many the Albert API has.
    pub before: i64,
    /// How many Lectern has, or would have.
    pub after: i64,
}

impl Migrator<'_> {
    /// Takes over the database of an Albert API at its Alembic head, and takes it to the last migration. Where anything is not as it should be,
    /// all of it is listed and nothing is changed; a process that is killed changes nothing either. Nobody else reads or writes the tables
    /// meanwhile.
    ///
    /// # Errors
    /// [`DbError::MigrationLock`] where another process migrates for too long; [`DbError::InUse`] where others use the tables for too long;
    /// [`DbError::Migration`] where a migration fails; failures of the database.
    pub fn adopt(&self, options: &AdoptOptions) -> Result<Adoption, DbError> {
        if self.database.backend() != Backend::Postgres {
            return Ok(Adoption::Refused(vec![look::not_on_postgres()]));
        }
        let judged = self.look_first(options);
        // Another process may have taken it over while it was looked at: then what was seen is neither the one nor the other.
        if !matches!(judged, Ok(Ok(_))) && self.database.read(look::is_lectern)? {
            return Ok(Adoption::Already);
        }
        let judged = judged?;
        if options.extent == Extent::Look || judged.is_err() {
            return Ok(judged.map_or_else(|stop| stop, Adoption::Adopted));
        }
        let mut session = Session::start(self.database, self.patience, Span::Whole)?;
        let start = Instant::now();
        let mut adopted = match self.lock_and_look(session.conn(), options)? {
            Ok(adopted) => adopted,
            Err(stop) => return session.undo().map(|()| stop),
        };
        tables::move_away(session.conn())?;
        adopted.migrations = self.apply_up_to(&mut session, &Revision::Version(COPIED_AT.to_owned()), options)?;
        copy::all(session.conn(), &adopted)?;
        let rest = self.apply_up_to(&mut session, &Revision::Head, options)?;
        adopted.migrations.extend(rest);
        let drift = self.drift_on(session.conn())?;
        if !drift.is_empty() {
            return session.undo().map(|()| Adoption::Refused(vec![look::drifted(&drift)]));
        }
        adopted.took = Some(start.elapsed());
        if options.extent == Extent::Rehearse {
            session.undo()?;
        } else {
            installation::ensure(session.conn())?;
            session.finish()?;
        }
        Ok(Adoption::Adopted(adopted))
    }

    /// Looks without locking anybody out, and writes nothing: so that what is refused costs nobody anything.
    fn look_first(&self, options: &AdoptOptions) -> Result<Result<Adopted, Adoption>, DbError> {
        let mut conn = self.database.dedicated(Purpose::Read)?;
        Conn::begin_transaction(&mut conn)?;
        conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0")?;
        let judged = look::look(&mut conn, options, &self.scripts)?;
        Conn::rollback_transaction(&mut conn)?;
        Ok(judged)
    }

    /// Looks again when nobody else writes any more. Another process may have taken the database over meanwhile.
    fn lock_and_look(&self, conn: &mut Conn, options: &AdoptOptions) -> Result<Result<Adopted, Adoption>, DbError> {
        conn.batch_execute("SET LOCAL statement_timeout = 0")?;
        if look::is_lectern(conn)? {
            return Ok(Err(Adoption::Already));
        }
        tables::lock(conn, self.patience)?;
        look::look(conn, options, &self.scripts)
    }

    fn apply_up_to(&self, session: &mut Session, revision: &Revision, options: &AdoptOptions) -> Result<Vec<Applied>, DbError> {
        let history = self.history_of(session.conn())?;
        let mut done = Vec::new();
        for script in self.pending(&history, revision)? {
            if options.extent == Extent::Rehearse && !script.in_transaction {
                done.push(Applied::new(script, None));
                continue;
            }
            let took = session.apply(script)?;
            done.push(Applied::new(script, Some(took)));
        }
        Ok(done)
    }
}
