//! Background work, leases, and how often somebody may still try.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    leases (name) {
        name -> Text,
        holder -> UuidType,
        expires_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    jobs (id) {
        id -> Integer,
        kind -> Text,
        payload -> JsonType,
        state -> Text,
        attempts -> Integer,
        run_at -> TimestampType,
        holder -> Nullable<UuidType>,
        lease_expires_at -> Nullable<TimestampType>,
        progress -> Nullable<JsonType>,
        error -> Nullable<Text>,
        created_at -> TimestampType,
        updated_at -> TimestampType,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    rate_limits (key) {
        key -> Text,
        full_at_ms -> BigInt,
    }
}
