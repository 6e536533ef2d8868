//! How the reading of files goes, for those who may know.

use crate::{ServiceError, app::App, corpora::unknown_cursor};
use lectern_domain::{
    access::{Principal, may_read_upload, readable},
    collection::Generation,
    ids::UploadId,
    page::Following,
    upload::{JobState, UploadStatus},
};
use lectern_persistence::repo::{
    collections::{self, Which},
    uploads,
};

/// Where a file is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for a process that reads it, for the first time or to be tried again.
    Queued,
    /// Its documents are being read and stored.
    Storing,
    /// They are stored, and on their way into the indexes.
    Indexing,
    /// They can be found.
    Completed,
    /// Nothing came of it, or not all.
    Failed,
}

impl Stage {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Storing => "storing",
            Self::Indexing => "indexing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// A file and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadView {
    /// The file, and how far the reading has come.
    pub status: UploadStatus,
    /// Where it is on its way.
    pub stage: Stage,
}

/// A file that `who` sent, or that goes into a collection which `who` may change.
///
/// # Errors
/// [`ServiceError::JobNotFound`], and failures of the database.
pub async fn status(app: &App, who: Principal, id: UploadId) -> Result<UploadView, ServiceError> {
    let found = app.bridge.read(move |conn| uploads::find(conn, id)).await?;
    let found = found.filter(|status| may_read_upload(who, status.upload.owner, &status.upload.collection));
    staged(app, found.ok_or(ServiceError::JobNotFound)?).await
}

/// A page of the files that `who` sent, or of everybody's for who may read everything, in the order in which they arrived.
///
/// # Errors
/// [`ServiceError::Invalid`] where there is no such file to begin after, and failures of the database.
pub async fn list(app: &App, who: Principal, part: Following<UploadId>) -> Result<Vec<UploadView>, ServiceError> {
    let page = app
        .bridge
        .read(move |conn| {
            let may = |status: &UploadStatus| may_read_upload(who, status.upload.owner, &status.upload.collection);
            let after = match part.after {
                Some(id) => Some(uploads::find(conn, id)?.filter(may).ok_or_else(unknown_cursor)?.upload.job),
                None => None,
            };
            let part = Following { after, limit: part.limit, descending: part.descending };
            let mut page = uploads::page(conn, readable(who), part)?;
            page.retain(may);
            Ok::<_, ServiceError>(page)
        })
        .await?;
    let mut shown = Vec::with_capacity(page.len());
    for status in page {
        shown.push(staged(app, status).await?);
    }
    Ok(shown)
}

async fn staged(app: &App, status: UploadStatus) -> Result<UploadView, ServiceError> {
    let stage = match status.state {
        JobState::Queued => Stage::Queued,
        JobState::Running => Stage::Storing,
        JobState::Failed => Stage::Failed,
        JobState::Done if status.progress.refused.is_some() => Stage::Failed,
        JobState::Done => match (generation(app, &status).await?, status.progress.logged) {
            (Some(generation), Some(logged)) if !app.followers.has_indexed(&generation, logged).await? => Stage::Indexing,
            _ => Stage::Completed,
        },
    };
    Ok(UploadView { status, stage })
}

async fn generation(app: &App, status: &UploadStatus) -> Result<Option<Generation>, ServiceError> {
    let id = status.upload.collection.id;
    let found = app.bridge.read(move |conn| collections::with_generation(conn, &Which::Ids(vec![id]))).await?;
    Ok(found.into_iter().next().map(|(_, generation)| generation))
}
