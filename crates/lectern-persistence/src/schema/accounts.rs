//! Accounts and what proves who is calling.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    installation (id) {
        id -> Integer,
        uid -> UuidType,
        created_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    users (id) {
        id -> Integer,
        username -> Text,
        email -> Text,
        email_key -> Text,
        hashed_password -> Text,
        is_confirmed -> Nullable<Bool>,
        is_admin -> Bool,
        accept_cookie -> Bool,
        accept_retrain -> Bool,
        organization_id -> Nullable<Text>,
        organization_name -> Nullable<Text>,
        token_version -> Integer,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    api_tokens (id) {
        id -> Integer,
        hash -> Text,
        name -> Text,
        user_id -> Integer,
        created_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    blacklist_tokens (id) {
        id -> Integer,
        token -> Text,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    password_reset_tokens (id) {
        id -> Integer,
        token -> Text,
        user_id -> Integer,
        created_at -> Nullable<TimestampType>,
        updated_at -> Nullable<TimestampType>,
    }
}
