//! Which migration a release of the program ended with.

use super::{Migrator, Revision, RevisionError};
use crate::error::DbError;

/// What releases ended with, for each build after them.
pub(super) const RELEASES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/releases.txt"));

impl Migrator<'_> {
    /// The last migration of a release: of this build where it is that one; as the list of releases says; else the last one that this release
    /// applied to the database.
    ///
    /// # Errors
    /// [`RevisionError::Release`] where neither knows it, and failures of the database.
    pub fn release(&self, version: &str) -> Result<Revision, DbError> {
        let version = version.strip_prefix('v').unwrap_or(version);
        if let Some((_, head)) = releases(&self.releases).find(|(release, _)| *release == version) {
            return Ok(head.parse()?);
        }
        if version == env!("CARGO_PKG_VERSION") {
            return Ok(Revision::Head);
        }
        let history = self.history()?;
        match history.iter().rfind(|step| step.state.is_applied() && step.application.as_deref() == Some(version)) {
            Some(step) => Ok(Revision::Version(step.version.clone())),
            None => Err(RevisionError::Release(version.to_owned()).into()),
        }
    }
}

/// The releases of a list, each with the version of its last migration.
fn releases(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(char::is_whitespace)).map(|(release, head)| (release, head.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, migrate::embedded};

    #[test]
    fn a_list_has_a_release_a_line() {
        let list = "# a comment\n\n0.1.0 2026-11-21-000700_stream_runs\n 0.2.0   20261201\n";
        assert_eq!(releases(list).collect::<Vec<_>>(), [("0.1.0", "2026-11-21-000700_stream_runs"), ("0.2.0", "20261201")]);
    }

    #[test]
    fn every_release_ended_with_a_migration_of_ours() {
        for backend in [Backend::Postgres, Backend::Sqlite] {
            let scripts = embedded(backend);
            let names: Vec<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
            let built = names.is_empty();
            assert!(
                built || releases(RELEASES).all(|(_, head)| names.contains(&head)),
                "migrations/releases.txt names a migration that there is not"
            );
        }
    }
}
