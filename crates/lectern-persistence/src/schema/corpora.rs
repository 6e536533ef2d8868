//! Collections, documents, chunks and embeddings.

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    embedding_models (id) {
        id -> Integer,
        name -> Text,
        revision -> Text,
        dimensions -> Integer,
        created_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    collections (id) {
        id -> Integer,
        uid -> UuidType,
        name -> Text,
        owner_id -> Nullable<Integer>,
        visibility -> Text,
        language -> Text,
        fields -> JsonType,
        created_at -> TimestampType,
        updated_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    generations (id) {
        id -> Integer,
        collection_id -> Integer,
        language -> Text,
        chunk_chars -> Integer,
        chunk_overlap -> Integer,
        model_id -> Nullable<Integer>,
        created_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    current_generations (collection_id) {
        collection_id -> Integer,
        generation_id -> Integer,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    documents (id) {
        id -> Integer,
        collection_id -> Integer,
        external_id -> Text,
        version -> Integer,
        version_id -> UuidType,
        status -> Text,
        title -> Text,
        url -> Nullable<Text>,
        source -> Nullable<Text>,
        format -> Text,
        metadata -> JsonType,
        text -> Text,
        content_hash -> Binary,
        created_at -> TimestampType,
        updated_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    document_versions (id) {
        id -> UuidType,
        document_id -> Integer,
        number -> Integer,
        content_hash -> Binary,
        size_bytes -> BigInt,
        created_at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    document_events (id) {
        id -> Integer,
        document_id -> Integer,
        version -> Integer,
        status -> Text,
        detail -> Nullable<Text>,
        at -> TimestampType,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    chunks (id) {
        id -> UuidType,
        version_id -> UuidType,
        document_id -> Integer,
        collection_id -> Integer,
        chunking -> Text,
        ordinal -> Integer,
        heading -> Text,
        text -> Text,
        hash -> Binary,
        embedding_hash -> Binary,
    }
}

diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    chunk_embeddings (model_id, text_hash) {
        model_id -> Integer,
        text_hash -> Binary,
        dimensions -> Integer,
        encoding -> Text,
        vector -> Binary,
    }
}
