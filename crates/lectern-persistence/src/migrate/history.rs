//! What there is in a build beside what was done to a database.

use super::{
    ledger::Recorded,
    script::{Script, is_reversible},
};
use crate::error::DbError;
use chrono::{DateTime, Utc};
use std::{collections::BTreeSet, time::Duration};

/// How one migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is applied.
    Applied,
    /// It is to be applied.
    Pending,
    /// It is to be applied, and a later one is applied already.
    OutOfOrder,
    /// It is applied, and this build has none of its version although it has later ones.
    Missing,
    /// It is applied, and later than all that this build has.
    Future,
    /// It is applied, and what applies it is another script now.
    Modified,
    /// It was begun outside a transaction, and nobody said that it ended.
    HalfApplied,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::OutOfOrder => "out of order",
            Self::Missing => "missing",
            Self::Future => "future",
            Self::Modified => "modified",
            Self::HalfApplied => "half-applied",
        }
    }

    /// Whether the database has it.
    pub fn is_applied(self) -> bool {
        matches!(self, Self::Applied | Self::Missing | Self::Future | Self::Modified)
    }
}

/// One migration, as the build and the database know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its version.
    pub version: String,
    /// The name of its folder; its version where only Diesel's table knows it.
    pub name: String,
    /// How it stands.
    pub state: State,
    /// When it was applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// How long that took.
    pub took: Option<Duration>,
    /// The SHA-256 of what applied it, or of what would.
    pub checksum: Option<String>,
    /// What reverts it: the script of this build, else the one that the ledger kept.
    pub down: Option<String>,
    /// Whether it runs in a transaction.
    pub in_transaction: bool,
    /// The version of the program that applied it.
    pub application: Option<String>,
}

impl Step {
    /// Whether it can be reverted.
    pub fn is_reversible(&self) -> bool {
        self.down.as_deref().is_some_and(is_reversible)
    }
}

/// Every migration of either side, in order.
pub(super) fn history(scripts: &[Script], recorded: &Recorded) -> Vec<Step> {
    let known: BTreeSet<&str> = scripts.iter().map(|script| script.version.as_str()).collect();
    let applied = |version: &str| recorded.has(version);
    let newest_applied = known.iter().copied().rfind(|version| applied(version));
    let newest_known = known.iter().copied().next_back();
    let all: BTreeSet<&str> =
        known.iter().copied().chain(recorded.versions.iter().map(String::as_str)).chain(recorded.rows.keys().map(String::as_str)).collect();
    all.into_iter()
        .map(|version| {
            let script = scripts.iter().find(|script| script.version == version);
            let row = recorded.rows.get(version);
            let state = match (script, row) {
                (_, Some(row)) if row.is_running() => State::HalfApplied,
                (None, _) if newest_known.is_none_or(|newest| version > newest) => State::Future,
                (None, _) => State::Missing,
                (Some(script), Some(row)) if row.checksum != script.checksum() => State::Modified,
                (Some(_), _) if applied(version) => State::Applied,
                (Some(_), _) if newest_applied.is_some_and(|newest| version < newest) => State::OutOfOrder,
                (Some(_), _) => State::Pending,
            };
            let name = script.map(|script| &script.name).or(row.map(|row| &row.name));
            let down = script.map(|script| &script.down).or(row.map(|row| &row.down_script));
            let shown = row.filter(|_| state != State::Pending);
            Step {
                version: version.to_owned(),
                name: name.map_or(version, String::as_str).to_owned(),
                state,
                applied_at: shown.map(|row| row.applied_at()),
                took: shown.and_then(|row| row.took()),
                checksum: shown.map(|row| row.checksum.clone()).or_else(|| script.map(Script::checksum)),
                down: down.cloned(),
                in_transaction: script.map(|script| script.in_transaction).or(row.map(|row| row.in_transaction)).unwrap_or(true),
                application: shown.map(|row| row.application.clone()),
            }
        })
        .collect()
}

/// Refuses to build on what is not as it should be.
pub(super) fn check(history: &[Step], out_of_order: bool) -> Result<(), DbError> {
    let names = |states: &[State]| -> Vec<String> {
        history.iter().filter(|step| states.contains(&step.state)).map(|step| step.name.clone()).collect()
    };
    if let Some(name) = names(&[State::HalfApplied]).into_iter().next() {
        return Err(DbError::HalfApplied { name });
    }
    match names(&[State::Future, State::Missing]) {
        versions if versions.is_empty() => {}
        versions => return Err(DbError::Ahead { versions }),
    }
    match names(&[State::Modified]) {
        names if names.is_empty() => {}
        names => return Err(DbError::Edited { names }),
    }
    match names(&[State::OutOfOrder]) {
        names if names.is_empty() || out_of_order => Ok(()),
        names => Err(DbError::Gap { names }),
    }
}
