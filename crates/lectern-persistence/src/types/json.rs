//! JSON documents.

use super::sql::JsonType;
use super::through_either_backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};

/// A JSON document in a column. JSON's `null` is a value; a NULL column is `Option::None`. PostgreSQL keeps neither the order of an
/// object's keys nor a number's spelling.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = JsonType)]
pub struct JsonValue(pub serde_json::Value);

through_either_backend!(JsonValue, JsonType);

#[cfg(feature = "postgres")]
impl ToSql<JsonType, diesel::pg::Pg> for JsonValue {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
        use std::io::Write;
        // The binary format of `jsonb`: a version byte, then the text.
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
impl FromSql<JsonType, diesel::pg::Pg> for JsonValue {
    fn from_sql(raw: diesel::pg::PgValue<'_>) -> deserialize::Result<Self> {
        match raw.as_bytes().split_first() {
            Some((1, text)) => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("this is not version 1 of the binary format of jsonb".into()),
        }
    }
}

#[cfg(feature = "sqlite")]
impl ToSql<JsonType, diesel::sqlite::Sqlite> for JsonValue {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

#[cfg(feature = "sqlite")]
impl FromSql<JsonType, diesel::sqlite::Sqlite> for JsonValue {
    fn from_sql(mut raw: diesel::sqlite::SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(raw.read_text())?))
    }
}
