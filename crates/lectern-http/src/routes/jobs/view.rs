//! A job in an answer.

use lectern_domain::upload::{Failure, UploadStatus};
use lectern_service::uploads::{Stage, UploadView};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A job.
#[derive(Serialize, ToSchema)]
#[schema(as = Job)]
pub(in crate::routes) struct JobView {
    id: String,
    object: &'static str,
    /// `queued`, `in_progress`, `completed` or `failed`.
    status: &'static str,
    /// `queued`, `storing` (its documents are read and stored), `indexing` (they are stored, and on their way into the indexes), `completed` or
    /// `failed`.
    stage: &'static str,
    /// The id of the collection that its documents go into.
    collection: String,
    file: FileView,
    progress: ProgressView,
    /// The first mistakes in the file, at most 100. What is right in it is stored all the same.
    errors: Vec<MistakeView>,
    /// Why nothing came of it.
    error: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// A file.
#[derive(Serialize, ToSchema)]
#[schema(as = File)]
struct FileView {
    name: String,
    format: &'static str,
    bytes: u64,
}

/// How far the reading of a file has come.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
struct ProgressView {
    /// Bytes that were read.
    bytes: u64,
    /// Documents that were not there.
    added: u64,
    /// Documents with another content than before.
    replaced: u64,
    /// Documents with the same content.
    unchanged: u64,
    /// Lines, or files, that gave no document.
    failed: u64,
    /// Chunks that were written.
    chunks: u64,
}

/// A mistake in a file.
#[derive(Serialize, ToSchema)]
#[schema(as = FileMistake)]
struct MistakeView {
    /// The line, from 1, in a file of many documents.
    line: Option<u64>,
    message: String,
}

impl From<UploadView> for JobView {
    fn from(UploadView { status, stage }: UploadView) -> Self {
        let UploadStatus { upload, progress, error, updated_at, .. } = status;
        // Between two attempts it waits, and why the last one failed is told.
        let word = match stage {
            Stage::Queued => "queued",
            Stage::Storing | Stage::Indexing => "in_progress",
            Stage::Completed => "completed",
            Stage::Failed => "failed",
        };
        let error = match stage {
            Stage::Failed => progress.refused.or_else(|| error.map(|_| "the server could not store it".to_owned())),
            _ => None,
        };
        Self {
            id: upload.id.to_string(),
            object: "job",
            status: word,
            stage: stage.as_str(),
            collection: upload.collection.uid.to_string(),
            file: FileView { name: upload.name, format: upload.format.as_str(), bytes: upload.size_bytes },
            progress: ProgressView {
                bytes: progress.bytes,
                added: progress.added,
                replaced: progress.replaced,
                unchanged: progress.unchanged,
                failed: progress.failed,
                chunks: progress.chunks,
            },
            errors: progress.failures.into_iter().map(|Failure { line, message }| MistakeView { line, message }).collect(),
            error,
            created_at: upload.created_at.timestamp(),
            updated_at: updated_at.timestamp(),
        }
    }
}

/// An id for the documentation.
pub(super) const ID: &str = "0d7c5c0e-4d0b-4f5a-8f7b-2f1a6c9d3e11";

/// An example for the documentation.
pub(in crate::routes) fn example() -> Value {
    json!({
        "id": ID, "object": "job", "status": "in_progress", "stage": "storing", "collection": "5f2d4d5e-3c8b-4f7a-9a61-0b7c1e2f3d40",
        "file": { "name": "guides.jsonl", "format": "jsonl", "bytes": 81_920 },
        "progress": { "bytes": 40_960, "added": 63, "replaced": 0, "unchanged": 0, "failed": 1, "chunks": 187 },
        "errors": [{ "line": 12, "message": "_id: is missing; every line needs one that no other line has" }],
        "error": null, "created_at": 1_795_000_000, "updated_at": 1_795_000_003,
    })
}
