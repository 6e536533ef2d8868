//! Take a file, part by part.

use super::Ingest;
use crate::{
    ServiceError,
    accounts::Caller,
    app::App,
    corpora::named,
    jobs::{self, Work},
};
use bytes::{Bytes, BytesMut};
use chrono::Utc;
use lectern_domain::{
    Invalid,
    collection::CollectionRef,
    document::ExternalId,
    ids::UploadId,
    upload::{About, PART_BYTES, UploadFormat},
};
use lectern_persistence::{
    DbError,
    repo::{
        uploads::{self, NewUpload},
        users,
    },
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long somebody who has sent too many files waits before the next one.
const TURN: Duration = Duration::from_secs(10);

/// A file that somebody is about to send.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Where its documents go.
    pub collection: CollectionRef,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub format: UploadFormat,
    /// What is said of its document.
    pub about: About,
}

/// A file that is arriving. Where it is dropped before it has arrived, what came of it is forgotten; where the process ends before that, the
/// processes that go on forget it after a while.
pub struct Receiving {
    app: Arc<App>,
    id: UploadId,
    buffer: BytesMut,
    parts: i32,
    size: u64,
    arrived: bool,
}

impl Receiving {
    /// Begins to take a file into a collection that the caller may change.
    ///
    /// # Errors
    /// [`ServiceError::UnknownCollection`], [`ServiceError::Forbidden`], [`ServiceError::TooMany`] where too many files of the caller's wait;
    /// [`ServiceError::Invalid`] for what cannot be said of such a file.
    pub async fn begin(app: &Arc<App>, caller: &Caller, file: NewFile) -> Result<Self, ServiceError> {
        let about = checked(&file)?;
        let (who, owner) = (caller.principal(), caller.user.id);
        let most = app.allowances.waiting_uploads;
        let id = UploadId(Uuid::new_v4());
        let NewFile { collection, name, format, .. } = file;
        app.bridge
            .write(move |tx| {
                let (collection, _) = named::writable(tx.conn(), who, &collection)?;
                collection.fields.check(&about.metadata)?;
                if let Some(most) = most {
                    users::in_turn(tx.conn(), owner)?;
                    if uploads::waiting_of(tx.conn(), owner)? >= i64::from(most) {
                        return Err(ServiceError::TooMany { wait: TURN });
                    }
                }
                uploads::insert(tx.conn(), &NewUpload { id, owner, collection: collection.id, name, format, about }, Utc::now())?;
                Ok(())
            })
            .await?;
        Ok(Self { app: app.clone(), id, buffer: BytesMut::new(), parts: 0, size: 0, arrived: false })
    }

    /// Takes the next bytes; the database has them, as far as they fill parts, when this returns.
    ///
    /// # Errors
    /// [`ServiceError::UploadTooLarge`], and failures of the database.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), ServiceError> {
        self.size += bytes.len() as u64;
        let most = self.app.allowances.upload_bytes;
        if self.size > most {
            return Err(ServiceError::UploadTooLarge { most });
        }
        while !bytes.is_empty() {
            let fits = (PART_BYTES - self.buffer.len()).min(bytes.len());
            self.buffer.extend_from_slice(&bytes.split_to(fits));
            if self.buffer.len() == PART_BYTES {
                self.flush().await?;
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ServiceError> {
        let (id, number, part) = (self.id, self.parts, self.buffer.split().freeze());
        let written = self.app.bridge.write(move |tx| uploads::add_part(tx.conn(), id, number, &part, Utc::now())).await;
        self.parts += 1;
        written.map_err(gone)
    }

    /// Says that the file is whole: a job reads it from here on. Its id is the upload's.
    ///
    /// # Errors
    /// [`ServiceError::UnknownCollection`] where the collection has gone meanwhile, and failures of the database.
    pub async fn finish(mut self) -> Result<UploadId, ServiceError> {
        if !self.buffer.is_empty() {
            self.flush().await?;
        }
        let (id, size) = (self.id, self.size);
        self.app
            .bridge
            .write(move |tx| {
                let job = jobs::enqueue(tx, &Work::Ingest(Ingest { upload: id }))?;
                if uploads::arrived(tx.conn(), id, job, size, Utc::now())? {
                    Ok(())
                } else {
                    // It is rolled back with the job.
                    Err(vanished())
                }
            })
            .await?;
        self.arrived = true;
        self.app.jobs.wake();
        Ok(id)
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        // Outside a runtime nobody could wait for the database; then the file is forgotten later.
        if let (false, Ok(runtime)) = (self.arrived, tokio::runtime::Handle::try_current()) {
            let (bridge, id) = (self.app.bridge.clone(), self.id);
            runtime.spawn(async move {
                if let Err(error) = bridge.write::<_, DbError>(move |tx| uploads::abandon(tx.conn(), id)).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a file that did not arrive is forgotten later");
                }
            });
        }
    }
}

/// What is said of a file, where that can be said: of many documents nothing can, and one has an id.
fn checked(file: &NewFile) -> Result<About, ServiceError> {
    if file.format == UploadFormat::Jsonl {
        if !file.about.is_empty() {
            let rule = "a jsonl file says in its lines what there is to say of its documents: leave external_id, title, url, source and metadata out";
            return Err(Invalid::new("file", rule).into());
        }
        return Ok(About::default());
    }
    let mut about = file.about.clone();
    if about.external_id.is_none() {
        about.external_id = Some(ExternalId::try_from(file.name.clone()).map_err(|wrong| Invalid { field: "external_id", ..wrong })?);
    }
    Ok(about)
}

/// The collection, or the account, went while the file was arriving.
fn gone(error: DbError) -> ServiceError {
    match error {
        DbError::ForeignKeyViolation { .. } => vanished(),
        other => other.into(),
    }
}

fn vanished() -> ServiceError {
    ServiceError::UploadGone
}
