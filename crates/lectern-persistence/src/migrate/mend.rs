//! Writing the ledger without running anything.

use super::{
    Migrator, State,
    ledger::{self, LedgerRow},
    revision::Revision,
    session::{Session, Span},
};
use crate::{catalogue::Catalogue, error::DbError};

/// What [`Migrator::repair`] did to one migration's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The migration.
    pub name: String,
    /// What was wrong with it.
    pub was: State,
}

/// What [`Migrator::stamp`] wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamped {
    /// The migrations that count as applied from now on.
    pub added: Vec<String>,
    /// The migrations that don't any more.
    pub removed: Vec<String>,
}

impl Migrator<'_> {
    /// Says that the database is at a revision of this build, and runs nothing. Unless it is forced, it compares first.
    ///
    /// # Errors
    /// [`DbError::Mismatch`] where the database is not like that, and [`DbError::NoCatalogue`] where nobody knows; [`DbError::Revision`],
    /// [`DbError::MigrationLock`] and failures of the database.
    pub fn stamp(&self, at: &Revision, force: bool) -> Result<Stamped, DbError> {
        let mut session = Session::start(self.database, self.patience, Span::Whole)?;
        let history = self.history_of(session.conn())?;
        let versions: Vec<&str> = self.scripts.iter().map(|script| script.version.as_str()).collect();
        let end = at.resolve(&versions, history.iter().filter(|step| step.state.is_applied()).count())?;
        if !force {
            let expected = self.expected(|script| versions[..end].contains(&script.version.as_str()))?;
            let differences = expected.differences(&Catalogue::read(session.conn())?);
            if !differences.is_empty() {
                let revision = end.checked_sub(1).map_or("base", |last| &self.scripts[last].name).to_owned();
                return Err(DbError::Mismatch { revision, differences });
            }
        }
        let mut stamped = Stamped::default();
        for script in &self.scripts[..end] {
            let state = history.iter().find(|step| step.version == script.version).map(|step| step.state);
            if state == Some(State::Applied) {
                continue;
            }
            ledger::write(session.conn(), &LedgerRow::applied(script, None))?;
            ledger::add_version(session.conn(), &script.version)?;
            stamped.added.push(script.name.clone());
        }
        for step in &history {
            let beyond = !versions[..end].contains(&step.version.as_str());
            if beyond && (step.state.is_applied() || step.state == State::HalfApplied) {
                ledger::remove(session.conn(), &step.version)?;
                ledger::remove_version(session.conn(), &step.version)?;
                stamped.removed.push(step.name.clone());
            }
        }
        session.finish()?;
        Ok(stamped)
    }

    /// Takes edited scripts for what was applied, and forgets that migrations were begun: the next upgrade runs those again.
    ///
    /// # Errors
    /// [`DbError::MigrationLock`] and failures of the database.
    pub fn repair(&self) -> Result<Vec<Repaired>, DbError> {
        let mut session = Session::start(self.database, self.patience, Span::Whole)?;
        let mut repaired = Vec::new();
        for step in self.history_of(session.conn())? {
            match (step.state, self.script(&step.version)) {
                (State::Modified, Some(script)) => {
                    let row = LedgerRow::applied(script, step.took);
                    ledger::write(session.conn(), &row)?;
                }
                (State::HalfApplied, _) => {
                    ledger::remove(session.conn(), &step.version)?;
                    ledger::remove_version(session.conn(), &step.version)?;
                }
                _ => continue,
            }
            repaired.push(Repaired { name: step.name, was: step.state });
        }
        session.finish()?;
        Ok(repaired)
    }
}
