//! Background work, leases, how often somebody may still try, whether anything may be written, and where the rows came from.

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

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    freezes (id) {
        id -> Integer,
        state -> Text,
        since -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    copies (table_name) {
        table_name -> Text,
        row_count -> BigInt,
        sha256 -> Text,
        origin -> UuidType,
        copied_at -> TimestampType,
    }
}
