//! Values that Diesel has no common SQL type for: JSON, times and UUIDs, each with one SQL type for both backends.

mod json;
mod timestamp;
mod uuid;

pub use self::json::JsonValue;
pub use self::timestamp::Timestamp;
pub use self::uuid::UuidValue;

/// The SQL types, for `table!`.
pub mod sql {
    use crate::conn::MultiBackend;
    use diesel::query_builder::QueryId;
    use diesel::sql_types::{HasSqlType, SqlOrd, SqlType};

    /// `jsonb` on PostgreSQL, TEXT on SQLite.
    #[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
    #[cfg_attr(feature = "postgres", diesel(postgres_type(oid = 3802, array_oid = 3807)))]
    #[cfg_attr(feature = "sqlite", diesel(sqlite_type(name = "Text")))]
    pub struct JsonType;

    /// `timestamptz` on PostgreSQL, TEXT of fixed width on SQLite, so that the order of texts is the order of times.
    #[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
    #[cfg_attr(feature = "postgres", diesel(postgres_type(oid = 1184, array_oid = 1185)))]
    #[cfg_attr(feature = "sqlite", diesel(sqlite_type(name = "Text")))]
    pub struct TimestampType;

    /// `uuid` on PostgreSQL, a BLOB of 16 bytes on SQLite.
    #[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
    #[cfg_attr(feature = "postgres", diesel(postgres_type(oid = 2950, array_oid = 2951)))]
    #[cfg_attr(feature = "sqlite", diesel(sqlite_type(name = "Binary")))]
    pub struct UuidType;

    impl SqlOrd for TimestampType {}

    impl HasSqlType<JsonType> for MultiBackend {
        fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
            Self::lookup_sql_type::<JsonType>(lookup)
        }
    }

    impl HasSqlType<TimestampType> for MultiBackend {
        fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
            Self::lookup_sql_type::<TimestampType>(lookup)
        }
    }

    impl HasSqlType<UuidType> for MultiBackend {
        fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
            Self::lookup_sql_type::<UuidType>(lookup)
        }
    }
}

/// Reading and writing through the enum of connections goes to whichever backend is behind it.
macro_rules! through_either_backend {
    ($value:ty, $sql:ty) => {
        impl diesel::serialize::ToSql<$sql, crate::conn::MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, crate::conn::MultiBackend>) -> diesel::serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<$sql, crate::conn::MultiBackend> for $value {
            fn from_sql(raw: crate::conn::MultiRawValue<'_>) -> diesel::deserialize::Result<Self> {
                raw.from_sql::<Self, $sql>()
            }
        }
    };
}
use through_either_backend;
