//! Chats, their streams and feedback.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    chats (id) {
        id -> Integer,
        chat_name -> Nullable<Text>,
        chat_type -> Text,
        user_id -> Integer,
        themes -> Nullable<JsonType>,
        operators -> Nullable<JsonType>,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    streams (id) {
        id -> Integer,
        is_streaming -> Bool,
        model_name -> Nullable<Text>,
        mode -> Nullable<Text>,
        query -> Nullable<Text>,
        limit -> Nullable<Integer>,
        with_history -> Nullable<Bool>,
        user_text -> Nullable<Text>,
        context -> Nullable<Text>,
        institution -> Nullable<Text>,
        links -> Nullable<Text>,
        temperature -> Double,
        response -> Nullable<Text>,
        rag_sources -> Nullable<JsonType>,
        should_sids -> Nullable<JsonType>,
        must_not_sids -> Nullable<JsonType>,
        search_sids -> Nullable<JsonType>,
        postprocessing -> Nullable<JsonType>,
        collections -> Nullable<JsonType>,
        user_id -> Nullable<Integer>,
        chat_id -> Nullable<Integer>,
        prompt -> Nullable<Binary>,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    sources (id) {
        id -> Integer,
        source_name -> Text,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    stream_source (stream_id, source_id) {
        stream_id -> Integer,
        source_id -> Integer,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    feedbacks (id) {
        id -> Integer,
        #[sql_name = "type"]
        type_ -> Text,
        note -> Nullable<Integer>,
        positives -> Nullable<JsonType>,
        negatives -> Nullable<JsonType>,
        is_good -> Nullable<Bool>,
        message -> Nullable<Text>,
        reason -> Nullable<Text>,
        user_id -> Integer,
        stream_id -> Integer,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    stream_runs (stream_id) {
        stream_id -> Integer,
        run -> UuidType,
        runner -> UuidType,
        stopped -> Bool,
        expires_at -> TimestampType,
    }
}
