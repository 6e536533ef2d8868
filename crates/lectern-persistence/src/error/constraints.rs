//! The names of the unique constraints, by the columns that SQLite reports instead of them. A test holds the list and the
//! migrations together.

/// The columns as SQLite's message has them, and the constraint or unique index over them.
pub(crate) const UNIQUE: &[(&str, &str)] = &[
    ("api_tokens.hash", "ix_api_tokens_hash"),
    ("api_tokens.id", "api_tokens_pkey"),
    ("blacklist_tokens.id", "blacklist_tokens_pkey"),
    ("blacklist_tokens.token", "blacklist_tokens_token_key"),
    ("changes.entry_id", "changes_entry_id_key"),
    ("changes.seq", "changes_pkey"),
    ("chats.id", "chats_pkey"),
    ("chunk_embeddings.model_id, chunk_embeddings.text_hash", "chunk_embeddings_pkey"),
    ("chunks.id", "chunks_pkey"),
    ("chunks.version_id, chunks.chunking, chunks.ordinal", "chunks_place_key"),
    ("collections.id", "collections_pkey"),
    ("collections.name", "collections_name_key"),
    ("collections.uid", "collections_uid_key"),
    ("copies.table_name", "copies_pkey"),
    ("current_generations.collection_id", "current_generations_pkey"),
    ("dead_letters.engine, dead_letters.generation_id, dead_letters.chunk_id", "dead_letters_chunk_key"),
    ("dead_letters.id", "dead_letters_pkey"),
    ("document_events.id", "document_events_pkey"),
    ("document_versions.document_id, document_versions.number", "document_versions_number_key"),
    ("document_versions.id", "document_versions_pkey"),
    ("documents.collection_id, documents.external_id", "documents_external_id_key"),
    ("documents.id", "documents_pkey"),
    ("embedding_models.id", "embedding_models_pkey"),
    ("embedding_models.name, embedding_models.revision, embedding_models.dimensions", "embedding_models_identity_key"),
    ("feedbacks.id", "feedbacks_pkey"),
    ("feedbacks.user_id, feedbacks.stream_id", "feedbacks_user_id_stream_id_key"),
    ("follower_cursors.follower_id, follower_cursors.engine, follower_cursors.generation_id", "follower_cursors_pkey"),
    ("followers.id", "followers_pkey"),
    ("freezes.id", "freezes_pkey"),
    ("generations.id", "generations_pkey"),
    ("installation.id", "installation_pkey"),
    ("jobs.id", "jobs_pkey"),
    ("leases.name", "leases_pkey"),
    ("password_reset_tokens.id", "password_reset_tokens_pkey"),
    ("password_reset_tokens.token", "password_reset_tokens_token_key"),
    ("rate_limits.key", "rate_limits_pkey"),
    ("sources.id", "sources_pkey"),
    ("sources.source_name", "sources_source_name_key"),
    ("stream_runs.stream_id", "stream_runs_pkey"),
    ("stream_source.stream_id, stream_source.source_id", "stream_source_pkey"),
    ("streams.id", "streams_pkey"),
    ("upload_parts.upload_id, upload_parts.number", "upload_parts_pkey"),
    ("uploads.id", "uploads_pkey"),
    ("uploads.job_id", "uploads_job_id_key"),
    ("users.email_key", "ix_users_email_key"),
    ("users.id", "users_pkey"),
    ("users.username", "ix_users_username"),
];

/// The constraint over these columns; the columns themselves where none is known.
pub(crate) fn unique_name(columns: &str) -> &str {
    UNIQUE.iter().find(|(known, _)| *known == columns).map_or(columns, |(_, name)| name)
}
