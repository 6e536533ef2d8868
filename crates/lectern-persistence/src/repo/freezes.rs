//! Whether anything may be written: a row says that it may not.

use crate::{Conn, DbError, conn::with_conn, schema::freezes, types::Timestamp};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// The only row's id.
const ID: i32 = 1;

/// How far a freeze has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeState {
    /// Nothing new is written; what was begun before is brought to its end.
    Draining,
    /// Nothing is written.
    Frozen,
}

impl FreezeState {
    /// The word that stands for it in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Frozen => "frozen",
        }
    }
}

/// A freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freeze {
    /// How far it has come.
    pub state: FreezeState,
    /// When it began.
    pub since: DateTime<Utc>,
}

/// The freeze, where there is one.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn) -> Result<Option<Freeze>, DbError> {
    let query = freezes::table.find(ID).select((freezes::state, freezes::since));
    let row: Option<(String, Timestamp)> = with_conn!(conn, c => query.get_result(c).optional())?;
    // A state that is not known is taken for the stricter one.
    let state = |text: &str| if text == FreezeState::Draining.as_str() { FreezeState::Draining } else { FreezeState::Frozen };
    Ok(row.map(|(text, since)| Freeze { state: state(&text), since: since.0 }))
}

/// Begins a freeze, or takes it further.
///
/// # Errors
/// Failures of the database.
pub fn set(conn: &mut Conn, state: FreezeState) -> Result<(), DbError> {
    let state = freezes::state.eq(state.as_str());
    with_conn!(conn, c => diesel::insert_into(freezes::table)
        .values((freezes::id.eq(ID), state, freezes::since.eq(Timestamp::now())))
        .on_conflict(freezes::id)
        .do_update()
        .set(state)
        .execute(c))?;
    Ok(())
}

/// Ends the freeze; `false` where there is none.
///
/// # Errors
/// Failures of the database.
pub fn clear(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(with_conn!(conn, c => diesel::delete(freezes::table).execute(c))? > 0)
}
