//! Uploads: files that were sent, and the jobs that turn them into documents.

use crate::{
    collection::Collection,
    document::{ExternalId, Format},
    ids::{JobId, UploadId, UserId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The bytes of a part of an upload; only the last part has fewer.
pub const PART_BYTES: usize = 1 << 20;

/// The most mistakes of an upload that are kept; the others are counted.
pub const FAILURES_MAX: usize = 100;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UploadFormat {
    /// Many documents, a JSON object a line.
    Jsonl,
    /// One document of plain text.
    Text,
    /// One document of Markdown.
    Markdown,
    /// One document of HTML.
    Html,
}

impl UploadFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Jsonl, Self::Text, Self::Markdown, Self::Html];

    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// The form of the one document that it holds; none where it holds many.
    pub const fn document(self) -> Option<Format> {
        match self {
            Self::Jsonl => None,
            Self::Text => Some(Format::Text),
            Self::Markdown => Some(Format::Markdown),
            Self::Html => Some(Format::Html),
        }
    }
}

impl From<Format> for UploadFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Markdown => Self::Markdown,
            Format::Html => Self::Html,
        }
    }
}

/// What was said of the one document of a file; what was not is taken from the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its id; the file's name where none is given.
    pub external_id: Option<ExternalId>,
    /// Its title.
    pub title: Option<String>,
    /// Where a person can read it.
    pub url: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Whatever else is known of it.
    pub metadata: Map<String, Value>,
}

impl About {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A file that arrived whole, and is being turned into documents or was.
#[derive(Debug, Clone, PartialEq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Who sent it.
    pub owner: UserId,
    /// Where its documents go.
    pub collection: Collection,
    /// The job that reads it.
    pub job: JobId,
    /// The file's name.
    pub name: String,
    /// What it holds.
    pub format: UploadFormat,
    /// What was said of its document.
    pub about: About,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The line, from 1, in a file of many documents.
    pub line: Option<u64>,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// How far the reading of an upload has come. Whoever takes the job over goes on from here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Bytes that were read, to the end of a line.
    pub bytes: u64,
    /// Lines that were read.
    pub lines: u64,
    /// Documents that were not there.
    pub added: u64,
    /// Documents with another content.
    pub replaced: u64,
    /// Documents with the same content.
    pub unchanged: u64,
    /// Lines that gave no document.
    pub failed: u64,
    /// Chunks that were written.
    pub chunks: u64,
    /// The first mistakes, at most [`FAILURES_MAX`].
    pub failures: Vec<Failure>,
    /// Why nothing came of the file, where nothing did.
    pub refused: Option<String>,
    /// The numbers of the change log between which its documents stand: after the first, up to the second.
    pub logged: Option<(i64, i64)>,
}

impl Progress {
    /// Counts a line, or a file, that gave no document.
    pub fn fail(&mut self, failure: Failure) {
        self.failed += 1;
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(failure);
        }
    }

    /// How many documents were stored or were there already.
    pub fn documents(&self) -> u64 {
        self.added + self.replaced + self.unchanged
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It waits, for the first time or to be tried again.
    Queued,
    /// A process is at it.
    Running,
    /// It is done.
    Done,
    /// It is not tried again.
    Failed,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Done, Self::Failed];

    /// The word that stands for it in SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// An upload, and how the reading of it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadStatus {
    /// The upload.
    pub upload: Upload,
    /// Where its job stands.
    pub state: JobState,
    /// How far it has come.
    pub progress: Progress,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When its job last changed.
    pub updated_at: DateTime<Utc>,
}
