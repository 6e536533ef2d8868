//! Applying and reverting.

use super::{
    Applied, Migrator, State, Step, adopt,
    history::check,
    ledger::{self, LedgerRow},
    locks::Before,
    revision::Revision,
    script::Script,
    session::{Session, Span},
};
use crate::{conn::Conn, error::DbError};

/// How to upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpgradeOptions {
    /// Undo everything afterwards.
    pub dry_run: bool,
    /// Apply what is older than what is applied already.
    pub out_of_order: bool,
}

impl Migrator<'_> {
    /// Applies what is pending up to a revision, the oldest first, one process at a time: the others wait and find nothing left to do. A run
    /// that is only tried leaves out what does not run in a transaction, and says so.
    ///
    /// # Errors
    /// [`DbError::MigrationLock`] where another process holds the lock for too long; [`DbError::Ahead`], [`DbError::Gap`], [`DbError::Edited`]
    /// and [`DbError::HalfApplied`] where what is applied is not as it should be; [`DbError::NotAdopted`]; [`DbError::Revision`]; [`DbError::Migration`] where a migration
    /// fails: what it did is rolled back then.
    pub fn upgrade(&self, to: &Revision, options: UpgradeOptions) -> Result<Vec<Applied>, DbError> {
        let span = if options.dry_run { Span::Whole } else { Span::Each };
        let mut session = Session::start(self.database, self.patience, span)?;
        let history = self.history_of(session.conn())?;
        check(&history, options.out_of_order)?;
        if !history.iter().any(|step| step.state.is_applied()) && adopt::is_albert(session.conn())? {
            return Err(DbError::NotAdopted);
        }
        self.complete_ledger(session.conn(), &history)?;
        let mut done = Vec::new();
        for script in self.pending(&history, to)? {
            if options.dry_run && !script.in_transaction {
                done.push(Applied::new(script, None));
                continue;
            }
            let before = if options.dry_run { Some(Before::read(session.conn())?) } else { None };
            let took = session.apply(script)?;
            let locked = before.map_or_else(|| Ok(Vec::new()), |before| before.locked_since(session.conn(), &script.up))?;
            tracing::info!(migration = script.name, milliseconds = took.as_millis() as u64, "applied a migration");
            done.push(Applied { locked, ..Applied::new(script, Some(took)) });
        }
        if options.dry_run {
            session.undo()?;
        } else {
            if ledger::exists(session.conn(), "installation")? {
                super::installation::ensure(session.conn())?;
            }
            session.finish()?;
        }
        Ok(done)
    }

    /// The script that an upgrade to a revision would run, with what it would record.
    ///
    /// # Errors
    /// As [`Self::upgrade`].
    pub fn upgrade_script(&self, to: &Revision, out_of_order: bool) -> Result<Vec<Script>, DbError> {
        let history = self.history()?;
        check(&history, out_of_order)?;
        Ok(self.pending(&history, to)?.into_iter().cloned().collect())
    }

    /// What a downgrade to a revision would revert, in that order.
    ///
    /// # Errors
    /// [`DbError::Revision`]; [`DbError::HalfApplied`]; [`DbError::Irreversible`] where one of them has no script that reverts it.
    pub fn downgrade_plan(&self, to: &Revision) -> Result<Vec<Step>, DbError> {
        plan_down(&self.history()?, to)
    }

    /// Reverts what is applied down to a revision, the newest first, with the scripts that the ledger kept where this build has none.
    ///
    /// # Errors
    /// As [`Self::downgrade_plan`] and [`Self::upgrade`].
    pub fn downgrade(&self, to: &Revision) -> Result<Vec<Applied>, DbError> {
        let mut session = Session::start(self.database, self.patience, Span::Each)?;
        let history = self.history_of(session.conn())?;
        let mut done = Vec::new();
        for step in plan_down(&history, to)? {
            let script = script_of(&step);
            let took = session.revert(&script)?;
            tracing::info!(migration = script.name, milliseconds = took.as_millis() as u64, "reverted a migration");
            done.push(Applied::new(&script, Some(took)));
        }
        session.finish()?;
        Ok(done)
    }

    pub(super) fn pending(&self, history: &[Step], to: &Revision) -> Result<Vec<&Script>, DbError> {
        let versions: Vec<&str> = self.scripts.iter().map(|script| script.version.as_str()).collect();
        let applied = history.iter().filter(|step| step.state.is_applied()).count();
        let end = to.resolve(&versions, applied)?;
        let waits = |script: &&Script| {
            history.iter().any(|step| step.version == script.version && matches!(step.state, State::Pending | State::OutOfOrder))
        };
        Ok(self.scripts[..end].iter().filter(waits).collect())
    }

    /// Records what was applied before there was a ledger, and completes what was cut off between the two tables.
    fn complete_ledger(&self, conn: &mut Conn, history: &[Step]) -> Result<(), DbError> {
        for step in history.iter().filter(|step| step.state == State::Applied) {
            ledger::add_version(conn, &step.version)?;
            if step.applied_at.is_none()
                && let Some(script) = self.script(&step.version)
            {
                ledger::write(conn, &LedgerRow::applied(script, None))?;
            }
        }
        Ok(())
    }
}

/// What reverts a step.
pub(crate) fn script_of(step: &Step) -> Script {
    let script = Script::new(&step.name, "", step.down.as_deref().unwrap_or_default(), step.in_transaction);
    Script { version: step.version.clone(), ..script }
}

pub(super) fn plan_down(history: &[Step], to: &Revision) -> Result<Vec<Step>, DbError> {
    if let Some(step) = history.iter().find(|step| step.state == State::HalfApplied) {
        return Err(DbError::HalfApplied { name: step.name.clone() });
    }
    let applied: Vec<&Step> = history.iter().filter(|step| step.state.is_applied()).collect();
    let versions: Vec<&str> = applied.iter().map(|step| step.version.as_str()).collect();
    let keep = match to {
        // What is applied may go beyond what there is here.
        Revision::Head => applied.iter().take_while(|step| step.state != State::Future).count(),
        _ => to.resolve(&versions, versions.len())?,
    };
    let plan: Vec<Step> = applied[keep..].iter().rev().map(|&step| step.clone()).collect();
    match plan.iter().find(|step| !step.is_reversible()) {
        Some(step) => Err(DbError::Irreversible { name: step.name.clone() }),
        None => Ok(plan),
    }
}
