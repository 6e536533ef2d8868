//! The tables, as Diesel sees them: the same on both backends, a file for each migration that makes them. A test holds these files
//! and the migrations together. A table's meaning is in its migration and in the domain type that it stores.
#![expect(missing_docs, reason = "the macro's tables and columns are named after the SQL ones")]

mod accounts;
mod background;
mod change_log;
mod conversations;
mod corpora;
mod files;
mod ledger;

pub use accounts::{api_tokens, blacklist_tokens, installation, password_reset_tokens, users};
pub use background::{copies, freezes, jobs, leases, rate_limits};
pub use change_log::{changes, dead_letters, follower_cursors, followers};
pub use conversations::{chats, feedbacks, sources, stream_runs, stream_source, streams};
pub use corpora::{
    chunk_embeddings, chunks, collections, current_generations, document_events, document_versions, documents, embedding_models,
    generations,
};
pub use files::{upload_parts, uploads};
pub(crate) use ledger::schema_ledger;

diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(password_reset_tokens -> users (user_id));
diesel::joinable!(chats -> users (user_id));
diesel::joinable!(streams -> users (user_id));
diesel::joinable!(streams -> chats (chat_id));
diesel::joinable!(stream_source -> streams (stream_id));
diesel::joinable!(stream_source -> sources (source_id));
diesel::joinable!(stream_runs -> streams (stream_id));
diesel::joinable!(feedbacks -> users (user_id));
diesel::joinable!(feedbacks -> streams (stream_id));
diesel::joinable!(collections -> users (owner_id));
diesel::joinable!(generations -> collections (collection_id));
diesel::joinable!(generations -> embedding_models (model_id));
diesel::joinable!(current_generations -> collections (collection_id));
diesel::joinable!(current_generations -> generations (generation_id));
diesel::joinable!(documents -> collections (collection_id));
diesel::joinable!(document_versions -> documents (document_id));
diesel::joinable!(document_events -> documents (document_id));
diesel::joinable!(chunks -> document_versions (version_id));
diesel::joinable!(chunks -> documents (document_id));
diesel::joinable!(chunks -> collections (collection_id));
diesel::joinable!(chunk_embeddings -> embedding_models (model_id));
diesel::joinable!(follower_cursors -> followers (follower_id));
diesel::joinable!(follower_cursors -> generations (generation_id));
diesel::joinable!(dead_letters -> generations (generation_id));
diesel::joinable!(uploads -> users (owner_id));
diesel::joinable!(uploads -> collections (collection_id));
diesel::joinable!(uploads -> jobs (job_id));
diesel::joinable!(upload_parts -> uploads (upload_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_tokens,
    blacklist_tokens,
    changes,
    chats,
    chunk_embeddings,
    chunks,
    collections,
    copies,
    current_generations,
    dead_letters,
    document_events,
    document_versions,
    documents,
    embedding_models,
    feedbacks,
    follower_cursors,
    followers,
    freezes,
    generations,
    installation,
    jobs,
    leases,
    password_reset_tokens,
    rate_limits,
    sources,
    stream_runs,
    stream_source,
    streams,
    upload_parts,
    uploads,
    users,
);
