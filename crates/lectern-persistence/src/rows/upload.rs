//! Rows of `uploads`, and what `jobs` says of them.

use super::collection::CollectionRow;
use crate::{
    DbError,
    schema::{jobs, uploads},
    types::{JsonValue, Timestamp, UuidValue},
};
use diesel::prelude::*;
use lectern_domain::{
    Invalid,
    ids::{JobId, UploadId, UserId},
    upload::{JobState, Progress, Upload, UploadFormat, UploadStatus},
};

/// A row of `uploads` of a file that arrived whole.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = uploads)]
pub(crate) struct UploadRow {
    id: UuidValue,
    owner_id: i32,
    job_id: Option<i32>,
    name: String,
    format: String,
    about: JsonValue,
    size_bytes: i64,
    created_at: Timestamp,
}

/// What a row of `jobs` says of the reading of a file.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(crate) struct ReadingRow {
    id: i32,
    state: String,
    progress: Option<JsonValue>,
    error: Option<String>,
    updated_at: Timestamp,
}

/// An upload, its collection and its job.
pub(crate) type StatusRow = (UploadRow, CollectionRow, ReadingRow);

/// A row to be added to `uploads`.
#[derive(Debug, Insertable)]
#[diesel(table_name = uploads)]
pub(crate) struct NewUploadRow<'a> {
    pub(crate) id: UuidValue,
    pub(crate) owner_id: i32,
    pub(crate) collection_id: i32,
    pub(crate) name: &'a str,
    pub(crate) format: &'static str,
    pub(crate) about: JsonValue,
    pub(crate) size_bytes: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// An upload and how the reading of it goes, from its rows.
pub(crate) fn status((upload, collection, job): StatusRow) -> Result<UploadStatus, DbError> {
    let format = UploadFormat::ALL.into_iter().find(|format| format.as_str() == upload.format);
    let state = JobState::ALL.into_iter().find(|state| state.as_str() == job.state);
    let progress: Option<Progress> =
        job.progress.map(|progress| serde_json::from_value(progress.0)).transpose().map_err(DbError::corrupt("jobs"))?;
    Ok(UploadStatus {
        upload: Upload {
            id: UploadId(upload.id.0),
            owner: UserId(upload.owner_id),
            collection: collection.try_into()?,
            job: JobId(upload.job_id.unwrap_or(job.id)),
            name: upload.name,
            format: format.ok_or_else(|| DbError::corrupt("uploads")(Invalid::new("format", upload.format)))?,
            about: serde_json::from_value(upload.about.0).map_err(DbError::corrupt("uploads"))?,
            size_bytes: u64::try_from(upload.size_bytes).map_err(DbError::corrupt("uploads"))?,
            created_at: upload.created_at.0,
        },
        state: state.ok_or_else(|| DbError::corrupt("jobs")(Invalid::new("state", job.state)))?,
        progress: progress.unwrap_or_default(),
        error: job.error,
        updated_at: job.updated_at.0,
    })
}
