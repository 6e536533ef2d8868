//! Times, in UTC and cut to microseconds: PostgreSQL keeps no more, and a time must read back as it was written.

use super::sql::TimestampType;
use super::through_either_backend;
use chrono::{DateTime, SubsecRound, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};

/// A time in a column. Made by [`Timestamp::now`] or from a `DateTime`, it holds whole microseconds; what is written is cut to
/// them in any case. Years 1 to 9999: others have no text of fixed width, and are refused when written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = TimestampType)]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    /// The time now, by this machine's clock.
    pub fn now() -> Self {
        Utc::now().into()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(6))
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

through_either_backend!(Timestamp, TimestampType);

/// The time to be written: the same range on both backends.
fn writable(time: Timestamp) -> Result<DateTime<Utc>, String> {
    use chrono::Datelike;
    match time.0.year() {
        1..=9999 => Ok(time.0.trunc_subsecs(6)),
        year => Err(format!("a time of the year {year} cannot be stored: years go from 1 to 9999")),
    }
}

#[cfg(feature = "postgres")]
impl ToSql<TimestampType, diesel::pg::Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
        let time = writable(*self)?;
        ToSql::<diesel::sql_types::Timestamptz, diesel::pg::Pg>::to_sql(&time, &mut out.reborrow())
    }
}

#[cfg(feature = "postgres")]
impl FromSql<TimestampType, diesel::pg::Pg> for Timestamp {
    fn from_sql(raw: diesel::pg::PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<diesel::sql_types::Timestamptz, diesel::pg::Pg>>::from_sql(raw).map(Self)
    }
}

#[cfg(feature = "sqlite")]
impl ToSql<TimestampType, diesel::sqlite::Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
        out.set_value(writable(*self)?.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
        Ok(serialize::IsNull::No)
    }
}

#[cfg(feature = "sqlite")]
impl FromSql<TimestampType, diesel::sqlite::Sqlite> for Timestamp {
    fn from_sql(mut raw: diesel::sqlite::SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(DateTime::parse_from_rfc3339(raw.read_text())?.with_timezone(&Utc)))
    }
}
