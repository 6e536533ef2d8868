//! The identity of this database.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::installation,
    types::{Timestamp, UuidValue},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use lectern_domain::ids::InstallationId;
use uuid::Uuid;

/// The only row's id.
const ID: i32 = 1;

/// The id that the first upgrade gave this database; a part of every index's name.
///
/// # Errors
/// Failures of the database.
pub fn id(conn: &mut Conn) -> Result<InstallationId, DbError> {
    let query = installation::table.select(installation::uid);
    let uid: UuidValue = with_conn!(conn, c => query.get_result(c))?;
    Ok(InstallationId(uid.0))
}

/// Gives the database a new id: it is no longer the one that it was copied from, and its indexes are made anew.
///
/// # Errors
/// Failures of the database.
pub fn renew(conn: &mut Conn) -> Result<InstallationId, DbError> {
    let uid = Uuid::new_v4();
    let new = (installation::uid.eq(UuidValue(uid)), installation::created_at.eq(Timestamp::now()));
    with_conn!(conn, c => diesel::insert_into(installation::table)
        .values((installation::id.eq(ID), new))
        .on_conflict(installation::id)
        .do_update()
        .set(new)
        .execute(c))?;
    Ok(InstallationId(uid))
}
