//! What was done to the schema, when and by whom. It is made before the first migration, not by one.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    #[sql_name = "__lectern_schema_migrations"]
    schema_ledger (version) {
        version -> Text,
        name -> Text,
        checksum -> Text,
        down_script -> Text,
        in_transaction -> Bool,
        state -> Text,
        applied_at -> TimestampType,
        milliseconds -> Nullable<BigInt>,
        application -> Text,
    }
}
