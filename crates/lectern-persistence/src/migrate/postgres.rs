//! Migrating PostgreSQL: a session lock on a connection of its own, each migration in a transaction of its own.

use super::{Applied, Direction, LOCK_TIMEOUT, apply, installation};
use crate::conn::{Backend, Conn};
use crate::error::DbError;
use diesel::RunQueryDsl;
use diesel::pg::{Pg, PgConnection};
use diesel::sql_types::{BigInt, Bool};
use std::thread;
use std::time::{Duration, Instant};

/// Any number does; no other lock may have it.
const MIGRATION_LOCK: i64 = 0x6c65_6374_6d69_6701;

/// The pause between two looks at the lock.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

#[derive(diesel::QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

pub(super) fn migrate(conn: &mut Conn, direction: Direction) -> Result<Vec<Applied>, DbError> {
    let pg = match conn {
        Conn::Pg(pg) => pg,
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => return Err(DbError::Data("this is not PostgreSQL".to_owned())),
    };
    // The lock goes with the session, whatever happens.
    lock(pg)?;
    let done = apply::run::<Pg, _>(pg, Backend::Postgres, direction)?;
    if direction == Direction::Up {
        installation::ensure(conn)?;
    }
    Ok(done)
}

/// Polls: to wait inside the lock's function would block a migration that builds an index concurrently.
fn lock(pg: &mut PgConnection) -> Result<(), DbError> {
    let start = Instant::now();
    loop {
        let query = diesel::sql_query("SELECT pg_try_advisory_lock($1) AS taken").bind::<BigInt, _>(MIGRATION_LOCK);
        if query.get_result::<Taken>(pg)?.taken {
            return Ok(());
        }
        if start.elapsed() > LOCK_TIMEOUT {
            return Err(DbError::MigrationLock { waited: start.elapsed() });
        }
        thread::sleep(LOCK_PAUSE);
    }
}
