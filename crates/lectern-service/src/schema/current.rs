//! Where a database stands.

use super::Schema;
use crate::ServiceError;
use lectern_persistence::migrate::State;

/// The last migration that is applied, and what there is beyond it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    /// Its version and its name; none before the first one.
    pub at: Option<(String, String)>,
    /// How many migrations are pending.
    pub pending: usize,
    /// How many are applied that these migrations do not have.
    pub unknown: usize,
}

impl Current {
    /// Whether there is nothing to do.
    pub fn is_head(&self) -> bool {
        self.pending == 0 && self.unknown == 0
    }
}

/// Where the database stands; looks into the catalogue and creates nothing.
///
/// # Errors
/// Failures of the database.
pub fn current(schema: &Schema) -> Result<Current, ServiceError> {
    let mut current = Current::default();
    for step in schema.migrator().history()? {
        match step.state {
            State::Pending | State::OutOfOrder | State::HalfApplied => current.pending += 1,
            State::Future | State::Missing => current.unknown += 1,
            State::Applied | State::Modified => {}
        }
        if step.state.is_applied() {
            current.at = Some((step.version, step.name));
        }
    }
    Ok(current)
}
