//! Running migrations on a connection that holds the lock.

use super::{Applied, Direction, embedded};
use crate::conn::Backend;
use crate::error::DbError;
use diesel::migration::{Migration, MigrationVersion};
use diesel_migrations::MigrationHarness;
use std::time::Instant;

/// Applies what is pending, or reverts what is applied.
pub(super) fn run<DB, C>(conn: &mut C, backend: Backend, direction: Direction) -> Result<Vec<Applied>, DbError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    let failed = |name: &str| {
        let name = name.to_owned();
        move |source| DbError::Migration { name, source }
    };
    let known = embedded::migrations::<DB>(backend)?;
    let applied = conn.applied_migrations().map_err(failed("list"))?;
    let unknown: Vec<String> =
        applied.iter().filter(|version| !known.iter().any(|one| is(one.as_ref(), version))).map(ToString::to_string).collect();
    if !unknown.is_empty() {
        return Err(DbError::Ahead { versions: unknown });
    }
    let mut plan: Vec<_> = match direction {
        Direction::Up => known.into_iter().filter(|one| !applied.iter().any(|version| is(one.as_ref(), version))).collect(),
        Direction::Down => known.into_iter().filter(|one| applied.iter().any(|version| is(one.as_ref(), version))).collect(),
    };
    if direction == Direction::Down {
        plan.reverse();
    }
    let mut done = Vec::with_capacity(plan.len());
    for migration in plan {
        let name = migration.name().to_string();
        let start = Instant::now();
        let version = match direction {
            Direction::Up => conn.run_migration(migration.as_ref()),
            Direction::Down => conn.revert_migration(migration.as_ref()),
        };
        let version = version.map_err(failed(&name))?.to_string();
        tracing::info!(migration = name, ?direction, "migrated");
        done.push(Applied { version, name, took: start.elapsed() });
    }
    Ok(done)
}

fn is<DB: diesel::backend::Backend>(migration: &dyn Migration<DB>, version: &MigrationVersion<'_>) -> bool {
    migration.name().version() == *version
}
