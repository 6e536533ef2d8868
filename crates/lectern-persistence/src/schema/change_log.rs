//! The change log and its followers.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    changes (seq) {
        seq -> BigInt,
        entry_id -> UuidType,
        kind -> Text,
        collection_id -> Integer,
        document_id -> Integer,
        version_id -> UuidType,
        chunking -> Text,
        chunk_count -> Integer,
        model_id -> Nullable<Integer>,
        at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    followers (id) {
        id -> UuidType,
        kind -> Text,
        place -> Text,
        seen_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    follower_cursors (follower_id, engine, generation_id) {
        follower_id -> UuidType,
        engine -> Text,
        generation_id -> Integer,
        seq -> BigInt,
        entry_id -> UuidType,
        durable_seq -> BigInt,
        updated_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    dead_letters (id) {
        id -> Integer,
        engine -> Text,
        generation_id -> Integer,
        chunk_id -> UuidType,
        reason -> Text,
        at -> TimestampType,
    }
}
