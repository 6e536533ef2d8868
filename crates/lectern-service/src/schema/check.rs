//! Whether a database is as its migrations made it.

use super::Schema;
use crate::ServiceError;
use lectern_persistence::{
    DbError,
    catalogue::Difference,
    migrate::{State, Step},
};

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every migration.
    pub steps: Vec<Step>,
    /// How the tables differ from what the applied migrations make; none where that can't be compared.
    pub differences: Option<Vec<Difference>>,
    /// Why it can't.
    pub not_compared: Option<String>,
}

impl Report {
    /// The names of the migrations in a state.
    pub fn names(&self, state: State) -> Vec<&str> {
        self.steps.iter().filter(|step| step.state == state).map(|step| step.name.as_str()).collect()
    }

    /// The version and the name of the last one that is applied.
    pub fn at(&self) -> Option<(&str, &str)> {
        self.steps.iter().rfind(|step| step.state.is_applied()).map(|step| (step.version.as_str(), step.name.as_str()))
    }
}

/// Looks at the order of the migrations, at their checksums and at every table; writes nothing.
///
/// # Errors
/// Failures of the database.
pub fn check(schema: &Schema) -> Result<Report, ServiceError> {
    let migrator = schema.migrator();
    let steps = migrator.history()?;
    let (differences, not_compared) = match migrator.drift() {
        Ok(differences) => (Some(differences), None),
        Err(error @ (DbError::Ahead { .. } | DbError::NoCatalogue { .. } | DbError::Catalogue { .. })) => (None, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    Ok(Report { steps, differences, not_compared })
}
