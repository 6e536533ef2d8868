//! Files that were sent, and their bytes.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    uploads (id) {
        id -> UuidType,
        owner_id -> Integer,
        collection_id -> Integer,
        job_id -> Nullable<Integer>,
        name -> Text,
        format -> Text,
        about -> JsonType,
        size_bytes -> BigInt,
        created_at -> TimestampType,
        updated_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    upload_parts (upload_id, number) {
        upload_id -> UuidType,
        number -> Integer,
        bytes -> Binary,
    }
}
