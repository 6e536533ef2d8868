//! The id of a database, which is part of every index's name.

use crate::conn::{Conn, with_conn};
use crate::error::DbError;
use crate::schema::installation;
use crate::types::{Timestamp, UuidValue};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use uuid::Uuid;

/// The only row's id.
const ID: i32 = 1;

pub(super) fn exists(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(installation::table.find(ID).select(installation::id).get_result::<i32>(conn).optional()?.is_some())
}

/// Mints an id where there is none.
pub(super) fn ensure(conn: &mut Conn) -> Result<(), DbError> {
    let row = (installation::id.eq(ID), installation::uid.eq(UuidValue(Uuid::new_v4())), installation::created_at.eq(Timestamp::now()));
    with_conn!(conn, c => diesel::insert_into(installation::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}
