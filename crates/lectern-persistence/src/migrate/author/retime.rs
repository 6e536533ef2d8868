//! Giving a migration that landed late a later time.

use super::{AuthorError, BACKENDS, folder::next_version};
use crate::{
    error::DbError,
    migrate::{Migrator, Revision, RevisionError, State, in_folder},
};
use chrono::{DateTime, Utc};
use std::{fs, path::Path};

/// What became of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retimed {
    /// Its name until now.
    pub from: String,
    /// Its name; the same where it was the last one already.
    pub to: String,
}

/// Renames the folders of a migration, so that it comes after all others of `folder`. `migrator` has the migrations of that folder, and knows what
/// is applied.
///
/// # Errors
/// [`AuthorError::IsApplied`]; [`DbError::Revision`] where there is no such migration or it is not named alone; [`DbError::Io`] where a folder can't be renamed;
/// failures of the database.
pub fn retime(migrator: &Migrator<'_>, folder: &Path, revision: &Revision, now: DateTime<Utc>) -> Result<Retimed, DbError> {
    let history = migrator.history()?;
    let scripts = &migrator.scripts;
    let versions: Vec<&str> = scripts.iter().map(|script| script.version.as_str()).collect();
    let Revision::Version(_) = revision else { return Err(RevisionError::Malformed(revision.to_string()).into()) };
    let script = &scripts[revision.resolve(&versions, 0)? - 1];
    let waits = |state| matches!(state, State::Pending | State::OutOfOrder);
    if !history.iter().any(|step| step.version == script.version && waits(step.state)) {
        return Err(AuthorError::IsApplied { name: script.name.clone() }.into());
    }
    let last = versions.last() == Some(&script.version.as_str()) && history.last().is_some_and(|step| step.version == script.version);
    if last {
        return Ok(Retimed { from: script.name.clone(), to: script.name.clone() });
    }
    let slug = script.name.split_once('_').map_or("", |(_, slug)| slug);
    let to = format!("{}_{slug}", next_version(folder, now)?);
    for backend in BACKENDS {
        let place = folder.join(backend.as_str());
        // Each backend has its own folder of that version, of the same name.
        for same in in_folder(&place)?.into_iter().filter(|one| one.version == script.version) {
            let from = place.join(&same.name);
            fs::rename(&from, place.join(&to)).map_err(|source| DbError::Io { path: from.clone(), source })?;
        }
    }
    Ok(Retimed { from: script.name.clone(), to })
}
