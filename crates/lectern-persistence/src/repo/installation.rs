//! The identity of this database.

use crate::{Conn, DbError, conn::with_conn, schema::installation, types::UuidValue};
use diesel::{QueryDsl, RunQueryDsl};
use lectern_domain::ids::InstallationId;

/// The id that the first upgrade gave this database; a part of every index's name.
///
/// # Errors
/// Failures of the database.
pub fn id(conn: &mut Conn) -> Result<InstallationId, DbError> {
    let query = installation::table.select(installation::uid);
    let uid: UuidValue = with_conn!(conn, c => query.get_result(c))?;
    Ok(InstallationId(uid.0))
}
