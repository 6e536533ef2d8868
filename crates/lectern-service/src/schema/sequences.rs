//! Putting the counters right after rows were loaded with their ids.

use super::Schema;
use crate::ServiceError;
use lectern_domain::ids::InstallationId;
use lectern_persistence::repo::{installation, sequences};

pub use lectern_persistence::repo::sequences::Counter;

/// What was reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// Every counter that there is, by table.
    pub counters: Vec<Counter>,
    /// Columns of other roles' tables, as `table.column`, whose counters were left alone.
    pub passed_by: Vec<String>,
    /// The id that the database has from now on.
    pub installation: InstallationId,
}

/// Moves every counter past the numbers that are there, and gives the database a new id, so that its indexes are made anew: what was
/// loaded is not what they hold. All of it, or nothing.
///
/// # Errors
/// [`ServiceError::Behind`] where no migration is applied, and failures of the database.
pub fn reset_sequences(schema: &Schema) -> Result<Reset, ServiceError> {
    let history = schema.migrator().history()?;
    if !history.iter().any(|step| step.state.is_applied()) {
        return Err(ServiceError::Behind { pending: history.len() });
    }
    schema.database.write(|tx| {
        let counters = sequences::reset(tx.conn())?;
        let passed_by = sequences::passed_by(tx.conn())?;
        Ok(Reset { counters, passed_by, installation: installation::renew(tx.conn())? })
    })
}
