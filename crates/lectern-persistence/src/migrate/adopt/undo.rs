//! Giving a database back to the Albert API.

use super::tables;
use crate::{
    conn::Backend,
    error::DbError,
    migrate::{
        Applied, Migrator, Revision, Step,
        apply::{plan_down, script_of},
        ledger,
        session::{Session, Span},
    },
};

impl Migrator<'_> {
    /// Which migrations [`Self::undo_adoption`] would revert, in that order; none where there is no adoption to undo.
    ///
    /// # Errors
    /// As [`Migrator::downgrade_plan`].
    pub fn undo_adoption_plan(&self) -> Result<Option<Vec<Step>>, DbError> {
        if self.database.backend() != Backend::Postgres || !self.database.read(tables::are_kept)? {
            return Ok(None);
        }
        self.downgrade_plan(&Revision::Base).map(Some)
    }

    /// Reverts every migration and moves the old tables back to where they were: all of it or nothing. What was written since the database was
    /// taken over is lost. `None` where there is no adoption to undo.
    ///
    /// # Errors
    /// As [`Migrator::downgrade`]; [`DbError::InUse`] where others use the tables for too long.
    pub fn undo_adoption(&self) -> Result<Option<Vec<Applied>>, DbError> {
        if self.undo_adoption_plan()?.is_none() {
            return Ok(None);
        }
        let mut session = Session::start(self.database, self.patience, Span::Whole)?;
        // Another process may have been faster.
        if !tables::are_kept(session.conn())? {
            return session.undo().map(|()| None);
        }
        tables::lock(session.conn(), self.patience)?;
        let mut done = Vec::new();
        for step in plan_down(&self.history_of(session.conn())?, &Revision::Base)? {
            let script = script_of(&step);
            let took = session.revert(&script)?;
            done.push(Applied::new(&script, Some(took)));
        }
        ledger::drop(session.conn())?;
        tables::move_back(session.conn())?;
        session.finish()?;
        Ok(Some(done))
    }
}
