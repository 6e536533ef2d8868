//! Leases: the right to do a piece of background work, judged by the database's clock.

use crate::{Conn, DbError, conn::with_conn, schema::leases, types::UuidValue};
use diesel::prelude::*;
use lectern_domain::ids::HolderId;
use std::time::Duration;

/// Takes or extends a lease; `false` where another holder's has not expired.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn acquire(conn: &mut Conn, name: &str, holder: HolderId, ttl: Duration) -> Result<bool, DbError> {
    let milliseconds = i32::try_from(ttl.as_millis()).unwrap_or(i32::MAX);
    let rows = match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => diesel::sql_query(
            "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, now() + $3 * interval '1 millisecond') \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
             WHERE leases.holder = excluded.holder OR leases.expires_at < now()",
        )
        .bind::<diesel::sql_types::Text, _>(name)
        .bind::<crate::types::sql::UuidType, _>(UuidValue(holder.0))
        .bind::<diesel::sql_types::Integer, _>(milliseconds)
        .execute(c)?,
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(c) => diesel::sql_query(
            "INSERT INTO leases (name, holder, expires_at) \
             VALUES ($1, $2, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', printf('+%.3f seconds', $3 / 1000.0))) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at \
             WHERE leases.holder = excluded.holder OR leases.expires_at < strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')",
        )
        .bind::<diesel::sql_types::Text, _>(name)
        .bind::<crate::types::sql::UuidType, _>(UuidValue(holder.0))
        .bind::<diesel::sql_types::Integer, _>(milliseconds)
        .execute(c)?,
    };
    Ok(rows == 1)
}

/// Gives a lease back, so that another process need not wait for its end.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn release(conn: &mut Conn, name: &str, holder: HolderId) -> Result<(), DbError> {
    let own = leases::table.filter(leases::name.eq(name)).filter(leases::holder.eq(UuidValue(holder.0)));
    with_conn!(conn, c => diesel::delete(own).execute(c))?;
    Ok(())
}
