//! Turn a file that arrived into documents, in the background. Any process may do it, and whoever takes it over goes on where the last one came
//! to: how far that was is written down after every batch, and what a batch stored is the same when it is stored again.

use super::lines::{Lines, Segment};
use crate::{
    ServiceError,
    app::App,
    corpora::{self, Outcome, named},
    jobs::{JobError, Policy, Turn},
};
use lectern_corpus::{CorpusSettings, JsonLines, read_file};
use lectern_domain::{
    access::Principal,
    collection::Generation,
    document::{Format, NewDocument},
    fields::FilterableFields,
    ids::UploadId,
    upload::{Failure, Progress, Upload, UploadStatus},
};
use lectern_persistence::repo::{changes, jobs, uploads};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// The most documents of a batch.
const DOCUMENTS: usize = 64;

/// The bytes of texts that end a batch.
const BYTES: usize = 4 << 20;

/// A file that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingest {
    /// Which one.
    pub upload: UploadId,
}

/// A line that was read: what it gave, and where the next one begins.
struct Line {
    read: Result<NewDocument, Failure>,
    number: u64,
    end: u64,
}

/// The lines of a segment, the number of its last one, and where it ends.
struct Parsed {
    lines: Vec<Line>,
    last: u64,
    end: u64,
}

impl Ingest {
    pub(crate) const POLICY: Policy = Policy {
        attempts: 5,
        first_wait: Duration::from_secs(2),
        longest_wait: Duration::from_secs(300),
        timeout: Duration::from_secs(3600),
    };

    /// Reads the file and stores its documents. A file that cannot be read is no failure of the job: its progress says what is wrong with it.
    pub(crate) async fn run(self, app: &Arc<App>, turn: Turn) -> Result<(), JobError> {
        let id = self.upload;
        let found = app
            .bridge
            .read(move |conn| {
                let Some(status) = uploads::find(conn, id)? else { return Ok::<_, ServiceError>(None) };
                // Whoever sent it was allowed to when they did.
                let of = named::by_id(conn, Principal::Operator, status.upload.collection.id)?;
                Ok(of.map(|(_, generation)| (status, generation)))
            })
            .await?;
        // The collection is gone, or the account.
        let Some((UploadStatus { upload, progress, .. }, generation)) = found else { return Ok(()) };
        Reading { app, turn, upload, generation, progress }.run().await
    }
}

struct Reading<'a> {
    app: &'a Arc<App>,
    turn: Turn,
    upload: Upload,
    generation: Generation,
    progress: Progress,
}

impl Reading<'_> {
    async fn run(mut self) -> Result<(), JobError> {
        if self.progress.logged.is_none() {
            let at = self.log_end().await?;
            self.progress.logged = Some((at, at));
            self.report().await?;
        }
        match self.upload.format.document() {
            Some(format) => self.one(format).await?,
            None => self.many().await?,
        }
        let at = self.log_end().await?;
        self.progress.logged = self.progress.logged.map(|(from, to)| (from, to.max(at)));
        self.report().await
    }

    /// A file of one document.
    async fn one(&mut self, format: Format) -> Result<(), JobError> {
        if self.progress.bytes == self.upload.size_bytes && (self.progress.documents() > 0 || self.progress.refused.is_some()) {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.upload.size_bytes).unwrap_or_default());
        for number in 0.. {
            let id = self.upload.id;
            let part = self.app.bridge.read(move |conn| uploads::part(conn, id, number)).await.map_err(ServiceError::from)?;
            let Some(part) = part else { break };
            bytes.extend_from_slice(&part);
        }
        let (upload, settings) = (self.upload.clone(), self.app.load_limits.reading.clone());
        let read = self.app.bridge.compute(move || document(&upload, format, bytes, &settings)).await.map_err(ServiceError::from)?;
        self.progress.bytes = self.upload.size_bytes;
        match read {
            Ok(document) => self.store(vec![document]).await,
            Err(message) => {
                self.progress.fail(Failure { line: None, message: message.clone() });
                self.progress.refused = Some(message);
                self.report().await
            }
        }
    }

    /// A file of a document a line.
    async fn many(&mut self) -> Result<(), JobError> {
        let mut lines = Lines::new(self.upload.id, &self.progress);
        while let Some(segment) = lines.next(self.app).await? {
            let (before, settings) = (self.progress.lines, self.app.load_limits.reading.clone());
            let fields = self.upload.collection.fields.clone();
            let parsed = self.app.bridge.compute(move || parse(&segment, before, &settings, &fields)).await.map_err(ServiceError::from)?;
            let Parsed { lines: parsed, last, end } = parsed;
            let mut parsed = parsed.into_iter().peekable();
            while parsed.peek().is_some() {
                let (mut batch, mut bytes) = (Vec::new(), 0);
                while batch.len() < DOCUMENTS && bytes < BYTES {
                    let Some(Line { read, number, end }) = parsed.next() else { break };
                    (self.progress.lines, self.progress.bytes) = (number, end);
                    match read {
                        Ok(document) => {
                            bytes += document.text.len();
                            batch.push(document);
                        }
                        Err(failure) => self.progress.fail(failure),
                    }
                }
                self.store(batch).await?;
            }
            // Blank lines at the end give nothing, and count.
            (self.progress.lines, self.progress.bytes) = (last, end);
        }
        if self.progress.documents() == 0 {
            let first = self
                .progress
                .failures
                .first()
                .map_or_else(String::new, |first| format!(": line {}: {}", first.line.unwrap_or_default(), first.message));
            self.progress.refused = Some(format!("no line of the file gives a document{first}"));
        }
        Ok(())
    }

    /// Stores documents, counts them and writes down how far the reading has come.
    async fn store(&mut self, batch: Vec<NewDocument>) -> Result<(), JobError> {
        if !batch.is_empty() {
            for put in corpora::put(self.app, &self.upload.collection, &self.generation, batch).await? {
                *match put.outcome {
                    Outcome::Added => &mut self.progress.added,
                    Outcome::Replaced => &mut self.progress.replaced,
                    Outcome::Unchanged => &mut self.progress.unchanged,
                } += 1;
                self.progress.chunks += put.chunks as u64;
            }
        }
        self.report().await
    }

    async fn report(&self) -> Result<(), JobError> {
        let Turn { id, attempt } = self.turn;
        let progress = serde_json::to_value(&self.progress).map_err(|error| ServiceError::internal("writing a job's progress", error))?;
        let ours = self.app.bridge.write(move |tx| jobs::report(tx.conn(), id, attempt, progress)).await.map_err(ServiceError::from)?;
        if ours { Ok(()) } else { Err(JobError::Again("another process goes on with it".to_owned())) }
    }

    async fn log_end(&self) -> Result<i64, JobError> {
        let collection = self.upload.collection.id;
        let last = self.app.bridge.read(move |conn| changes::last(conn, collection)).await.map_err(ServiceError::from)?;
        Ok(last.map_or(0, |cursor| cursor.seq))
    }
}

/// The one document of a file, or why it gives none.
fn document(upload: &Upload, format: Format, bytes: Vec<u8>, settings: &CorpusSettings) -> Result<NewDocument, String> {
    let about = upload.about.clone();
    let id = about.external_id.ok_or("it has no id")?;
    let mut document = read_file(id, format, bytes, settings).map_err(|error| error.to_string())?;
    document.title = about.title.unwrap_or(document.title);
    (document.url, document.source, document.metadata) = (about.url, about.source, about.metadata);
    upload.collection.fields.check(&document.metadata).map_err(|wrong| wrong.message)?;
    Ok(document)
}

/// What the lines of a segment give; `before` is how many came before it.
fn parse(segment: &Segment, before: u64, settings: &CorpusSettings, fields: &FilterableFields) -> Parsed {
    let mut reader = JsonLines::new(segment.bytes.as_slice(), settings.max_line_bytes);
    let most = settings.max_file_bytes;
    let mut lines = Vec::new();
    while let Some(read) = reader.next() {
        let number = before + reader.line();
        let failed = |message: String| Err(Failure { line: Some(number), message });
        let read = match read {
            Ok(document) if document.text.len() > most => failed(format!("its text is larger than {most} bytes; cut it into several")),
            Ok(document) => match fields.check(&document.metadata) {
                Ok(()) => Ok(document),
                Err(wrong) => failed(wrong.message),
            },
            Err(error) => failed(error.problem.to_string()),
        };
        lines.push(Line { read, number, end: segment.offset + reader.bytes_read() });
    }
    Parsed { lines, last: before + reader.line(), end: segment.offset + segment.bytes.len() as u64 }
}
