//! Keeping everybody from writing, while the database is moved elsewhere.

use super::Schema;
use crate::ServiceError;
use chrono::{DateTime, Utc};
use lectern_persistence::{
    DbError, WriteKind,
    repo::{
        freezes::{self, Freeze, FreezeState},
        jobs, runs,
    },
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// The pause between two looks at what is still under way.
const PAUSE: Duration = Duration::from_millis(100);

/// How to freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreezeOptions {
    /// How long answers and jobs that were begun before get to come to their end; where they do not, nothing is frozen.
    pub wait: Duration,
    /// Freeze at once, and lose what is still under way.
    pub now: bool,
}

/// A database that takes no writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frozen {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether it was frozen before.
    pub already: bool,
}

/// Freezes the database: every process answers writes with a refusal from now on, and when this returns, no write is under way any more that
/// began before. Followers go on saying how far they are, which no copy takes.
///
/// # Errors
/// [`ServiceError::StillBusy`], [`DbError::StillWriting`] and [`DbError::MigrationLock`] where something does not come to its end;
/// [`ServiceError::Behind`] where the schema knows no freeze; failures of the database. Nothing is frozen then.
pub fn freeze(schema: &Schema, options: FreezeOptions) -> Result<Frozen, ServiceError> {
    if let Some(Freeze { state: FreezeState::Frozen, since }) = look(schema)? {
        return Ok(Frozen { since, already: true });
    }
    stop_writing(schema, options).inspect_err(|_| {
        if let Err(error) = thaw(schema) {
            tracing::error!(error = &error as &dyn std::error::Error, "the freeze did not come about and could not be undone");
        }
    })?;
    let since = look(schema)?.map_or_else(Utc::now, |freeze| freeze.since);
    Ok(Frozen { since, already: false })
}

/// Lets everybody write again. Since when nobody could; none where everybody could.
///
/// # Errors
/// As [`freeze`].
pub fn thaw(schema: &Schema) -> Result<Option<DateTime<Utc>>, ServiceError> {
    let freeze = look(schema)?;
    schema.database.write_as::<_, DbError>(WriteKind::Upkeep, |tx| freezes::clear(tx.conn()))?;
    Ok(freeze.map(|freeze| freeze.since))
}

/// The freeze there is, where the schema knows what that is.
fn look(schema: &Schema) -> Result<Option<Freeze>, ServiceError> {
    match schema.database.read::<_, DbError>(freezes::find) {
        Ok(freeze) => Ok(freeze),
        Err(error) => match super::current(schema)?.pending {
            0 => Err(error.into()),
            pending => Err(ServiceError::Behind { pending }),
        },
    }
}

fn stop_writing(schema: &Schema, options: FreezeOptions) -> Result<(), ServiceError> {
    if !options.now {
        set(schema, FreezeState::Draining)?;
        drain(schema, options.wait)?;
    }
    set(schema, FreezeState::Frozen)
}

/// Writes the freeze down, and waits for those who did not see it.
fn set(schema: &Schema, state: FreezeState) -> Result<(), ServiceError> {
    schema.database.write_as::<_, DbError>(WriteKind::Upkeep, move |tx| freezes::set(tx.conn(), state))?;
    Ok(schema.database.wait_for_writers(schema.patience)?)
}

/// Waits for answers that are being written and jobs that run. No new ones begin.
fn drain(schema: &Schema, wait: Duration) -> Result<(), ServiceError> {
    let start = Instant::now();
    loop {
        let alive = |conn: &mut _| Ok((runs::count_alive(conn)?, jobs::count_alive(conn)?));
        let (answers, jobs) = schema.database.read::<_, DbError>(alive)?;
        if answers == 0 && jobs == 0 {
            return Ok(());
        }
        if start.elapsed() >= wait {
            return Err(ServiceError::StillBusy { answers, jobs, waited: start.elapsed() });
        }
        thread::sleep(PAUSE);
    }
}
