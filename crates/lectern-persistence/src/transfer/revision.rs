//! The revision that rows are brought in at: the archive's.

use super::{
    archive::{About, MigrationOf},
    error::TransferError,
};
use crate::{
    error::DbError,
    migrate::{self, Migrator, Session, State, Step},
};

impl Migrator<'_> {
    /// The versions of an archive, which must be migrations of this build.
    pub(crate) fn find_all<'a>(&self, about: &'a About) -> Result<Vec<&'a str>, TransferError> {
        let names = |which: &dyn Fn(&&MigrationOf) -> bool| -> Vec<String> {
            about.migrations.iter().filter(which).map(|migration| migration.name.clone()).collect()
        };
        let unknown = names(&|migration| self.script(&migration.version).is_none());
        if !unknown.is_empty() {
            return Err(TransferError::NewerSchema { names: unknown, application: about.application.clone() });
        }
        if about.backend == self.database().backend().as_str() {
            let edited = names(&|migration| self.script(&migration.version).is_some_and(|script| script.checksum() != migration.sha256));
            if !edited.is_empty() {
                return Err(TransferError::OtherMigrations(edited.join(", ")));
            }
        }
        Ok(about.migrations.iter().map(|migration| migration.version.as_str()).collect())
    }
}

/// Refuses a database in which a migration was begun and not ended.
pub(crate) fn refuse_half(history: &[Step]) -> Result<(), TransferError> {
    match history.iter().find(|step| step.state == State::HalfApplied) {
        Some(step) => Err(DbError::HalfApplied { name: step.name.clone() }.into()),
        None => Ok(()),
    }
}

/// Takes a database without rows to a revision, forth or back.
pub(crate) fn move_to(migrator: &Migrator<'_>, session: &mut Session, history: &[Step], wanted: &[&str]) -> Result<(), TransferError> {
    for step in history.iter().rev().filter(|step| step.state.is_applied() && !wanted.contains(&step.version.as_str())) {
        if !step.is_reversible() {
            return Err(DbError::Irreversible { name: step.name.clone() }.into());
        }
        session.revert(&migrate::script_of(step))?;
        session.ensure_open()?;
    }
    for version in wanted {
        let is_applied = history.iter().any(|step| step.version == *version && step.state.is_applied());
        if let Some(script) = migrator.script(version).filter(|_| !is_applied) {
            session.apply(script)?;
            session.ensure_open()?;
        }
    }
    Ok(())
}

/// A database with rows must be where the archive is.
pub(crate) fn refuse_other_revision(migrator: &Migrator<'_>, history: &[Step], wanted: &[&str]) -> Result<(), TransferError> {
    let applied: Vec<&Step> = history.iter().filter(|step| step.state.is_applied()).collect();
    if applied.iter().map(|step| step.version.as_str()).eq(wanted.iter().copied()) {
        return Ok(());
    }
    let archive = wanted.last().copied().unwrap_or("base");
    let is_behind = wanted.len() > applied.len();
    let advice = if is_behind {
        format!("take the database there with `lectern db upgrade {archive}`")
    } else {
        format!("take the database there with `lectern db downgrade {archive} --yes`, which drops what later migrations added")
    };
    let name = |version: &str| migrator.script(version).map_or(version.to_owned(), |script| script.name.clone());
    Err(TransferError::NotAtRevision {
        at: applied.last().map_or("base".to_owned(), |step| step.name.clone()),
        archive: name(archive),
        advice,
    })
}
