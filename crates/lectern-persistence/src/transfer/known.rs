//! The tables of Lectern, and what SQLite's types do not tell of their columns.
//!
//! Every table is here; a test holds this list and the migrations together, so that a new table can't be forgotten. A table that a migration
//! drops stays in the list: archives of an older schema may have it.

#[cfg(feature = "sqlite")]
use super::shape::Kind;

/// What becomes of a table in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its rows are archived.
    Kept,
    /// Its rows are archived; they mean nothing to a database of the other backend.
    OfBackend,
    /// It describes this one database or those who follow it: a restored one has its own.
    Left,
}

/// A table.
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "PostgreSQL's own types tell what columns hold"))]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) fate: Fate,
    times: &'static [&'static str],
    json: &'static [&'static str],
    uuids: &'static [&'static str],
}

#[cfg(feature = "sqlite")]
impl Known {
    /// What a column of TEXT or BLOB holds.
    pub(crate) fn kind(&self, column: &str) -> Option<Kind> {
        let has = |names: &[&str]| names.contains(&column);
        match () {
            () if has(self.times) => Some(Kind::Timestamp),
            () if has(self.json) => Some(Kind::Json),
            () if has(self.uuids) => Some(Kind::Uuid),
            () => None,
        }
    }
}

/// Whether a table is one of Lectern's, other than those that record migrations.
pub(crate) fn is_ours(name: &str) -> bool {
    find(name).is_some()
}

/// Finds a table.
pub(crate) fn find(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The table of vectors, which can be made again from the texts.
pub(crate) const VECTORS: &str = "chunk_embeddings";

/// The table of the database's own id.
pub(crate) const INSTALLATION: &str = "installation";

/// The table of what a copy left.
pub(crate) const COPIES: &str = "copies";

const fn kept(name: &'static str, times: &'static [&'static str], json: &'static [&'static str], uuids: &'static [&'static str]) -> Known {
    Known { name, fate: Fate::Kept, times, json, uuids }
}

const fn of_backend(name: &'static str) -> Known {
    Known { name, fate: Fate::OfBackend, times: &[], json: &[], uuids: &[] }
}

const fn left(name: &'static str) -> Known {
    Known { name, fate: Fate::Left, times: &[], json: &[], uuids: &[] }
}

const MADE: &[&str] = &["created_at"];
const DATED: &[&str] = &["created_at", "updated_at"];

/// All tables but those that record migrations.
pub(crate) const KNOWN: &[Known] = &[
    kept("users", DATED, &[], &[]),
    kept("api_tokens", MADE, &[], &[]),
    kept("blacklist_tokens", DATED, &[], &[]),
    kept("password_reset_tokens", DATED, &[], &[]),
    kept("chats", DATED, &["themes", "operators"], &[]),
    kept("streams", DATED, &["rag_sources", "should_sids", "must_not_sids", "search_sids", "postprocessing", "collections"], &[]),
    kept("sources", &[], &[], &[]),
    kept("stream_source", &[], &[], &[]),
    kept("feedbacks", DATED, &["positives", "negatives"], &[]),
    kept("embedding_models", MADE, &[], &[]),
    kept("collections", DATED, &["fields"], &["uid"]),
    kept("generations", MADE, &[], &[]),
    kept("current_generations", &[], &[], &[]),
    kept("documents", DATED, &["metadata"], &["version_id"]),
    kept("document_versions", MADE, &[], &["id"]),
    kept("document_events", &["at"], &[], &[]),
    kept("chunks", &[], &[], &["id", "version_id"]),
    kept(VECTORS, &[], &[], &[]),
    kept("jobs", &["run_at", "lease_expires_at", "created_at", "updated_at"], &["payload", "progress"], &["holder"]),
    kept("uploads", DATED, &["about"], &["id"]),
    kept("upload_parts", &[], &[], &["upload_id"]),
    kept("rate_limits", &[], &[], &[]),
    // A stream whose run is not here would never be said to have ended.
    kept("stream_runs", &["expires_at"], &[], &["run", "runner"]),
    // LangGraph's savers keep these, each backend's in its own way.
    of_backend("checkpoints"),
    of_backend("checkpoint_blobs"),
    of_backend("checkpoint_writes"),
    of_backend("writes"),
    left("checkpoint_migrations"),
    left(INSTALLATION),
    left("changes"),
    left("followers"),
    left("follower_cursors"),
    left("dead_letters"),
    left("leases"),
    left("freezes"),
    left(COPIES),
];
