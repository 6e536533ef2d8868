//! What a database should look like at a place in the history: what is written down of each migration adds up to it.

use super::{Migrator, Revision, Script, State};
use crate::{
    catalogue::{Catalogue, Difference},
    conn::Conn,
    error::DbError,
};
use std::collections::BTreeSet;

/// A schema, as migrations make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Every table.
    pub catalogue: Catalogue,
    /// Tables that must not be there: other migrations make them, which are not applied.
    pub absent: BTreeSet<String>,
    /// Tables that migrations make only where they are absent: they may be others', and are as those made them.
    pub shared: BTreeSet<String>,
}

impl Expected {
    /// How a database differs from it. Tables that no migration makes are those of others, and no difference.
    pub fn differences(&self, found: &Catalogue) -> Vec<Difference> {
        let mut all = self.catalogue.differences(found);
        all.retain(|one| one.fact.is_none() || !self.shared.contains(&one.table));
        let early = self.absent.iter().filter(|&table| found.table(table).is_some());
        all.extend(early.map(|table| Difference { table: table.clone(), fact: None, expected: None, found: Some(String::new()) }));
        all
    }
}

impl Migrator<'_> {
    /// What a database should look like at a revision; the database is asked where it is now.
    ///
    /// # Errors
    /// [`DbError::Revision`]; [`DbError::NoCatalogue`] and [`DbError::Catalogue`] where what migrations do is not written down, or does not add
    /// up; failures of the database.
    pub fn expected_at(&self, at: &Revision) -> Result<Expected, DbError> {
        let applied = self.history()?.iter().filter(|step| step.state.is_applied()).count();
        let versions: Vec<&str> = self.scripts.iter().map(|script| script.version.as_str()).collect();
        let end = at.resolve(&versions, applied)?;
        self.expected(|script| versions[..end].contains(&script.version.as_str()))
    }

    /// What the database differs in from what its own history says it looks like.
    ///
    /// # Errors
    /// As [`Self::expected_at`], and [`DbError::Ahead`] where migrations are applied that are not known: what they do isn't either.
    pub fn drift(&self) -> Result<Vec<Difference>, DbError> {
        self.database.read(|conn| self.drift_on(conn))
    }

    pub(super) fn drift_on(&self, conn: &mut Conn) -> Result<Vec<Difference>, DbError> {
        let history = self.history_of(conn)?;
        let unknown = history.iter().filter(|step| matches!(step.state, State::Future | State::Missing));
        let versions: Vec<String> = unknown.map(|step| step.name.clone()).collect();
        if !versions.is_empty() {
            return Err(DbError::Ahead { versions });
        }
        let is_applied = |script: &Script| history.iter().any(|step| step.version == script.version && step.state.is_applied());
        let expected = self.expected(is_applied)?;
        Ok(expected.differences(&Catalogue::read(conn)?))
    }

    pub(super) fn expected(&self, is_applied: impl Fn(&Script) -> bool) -> Result<Expected, DbError> {
        let mut expected = Expected::default();
        for script in self.scripts.iter().filter(|script| is_applied(script)) {
            apply(&mut expected.catalogue, script)?;
            expected.shared.extend(tables(script).filter(|table| may_be_there(script, table)).map(str::to_owned));
        }
        // What the others add goes for nothing here but the names of their tables.
        for script in self.scripts.iter().filter(|script| !is_applied(script)) {
            let made = tables(script).filter(|table| expected.catalogue.table(table).is_none() && !may_be_there(script, table));
            expected.absent.extend(made.map(str::to_owned).collect::<Vec<_>>());
        }
        Ok(expected)
    }
}

/// The schema that migrations make, by what is written down of each.
///
/// # Errors
/// [`DbError::NoCatalogue`] and [`DbError::Catalogue`] where that is missing, or does not add up.
pub fn catalogue_of(scripts: &[Script]) -> Result<Catalogue, DbError> {
    let mut catalogue = Catalogue::default();
    scripts.iter().try_for_each(|script| apply(&mut catalogue, script))?;
    Ok(catalogue)
}

/// Adds to a schema what is written down of a migration.
fn apply(catalogue: &mut Catalogue, script: &Script) -> Result<(), DbError> {
    let changes = script.catalogue.as_deref().ok_or_else(|| DbError::NoCatalogue { name: script.name.clone() })?;
    catalogue.apply(changes).map_err(|source| DbError::Catalogue { name: script.name.clone(), source })
}

/// The tables that a migration changes.
fn tables(script: &Script) -> impl Iterator<Item = &str> {
    script.catalogue.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("table "))
}

/// A table that a migration makes only where it is not there may come from somebody else.
pub(super) fn may_be_there(script: &Script, table: &str) -> bool {
    let words: Vec<String> = script.up.split(|char: char| !char.is_alphanumeric() && char != '_').map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    words.windows(6).any(|words| words == ["create", "table", "if", "not", "exists", table])
}
