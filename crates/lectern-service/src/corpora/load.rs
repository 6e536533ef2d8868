//! Load files and folders of documents into a collection.

use super::{
    Failure, LoadLimits, Outcome, Put,
    ensure::{Ensured, FALLBACK, NewCollectionSpec, ensure, find},
    put,
    source::{Batch, Files, Source},
};
use crate::{ServiceError, app::App};
use lectern_domain::{
    Invalid,
    collection::{Chunking, Collection, CollectionKey, CollectionName, Visibility},
    document::NewDocument,
    fields::FilterableFields,
    language::Language,
};
use serde::Serialize;
use std::path::PathBuf;

/// What to load, and where.
#[derive(Debug, Clone)]
pub struct LoadRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The collection; made where it is not there, readable by every confirmed user.
    pub collection: CollectionName,
    /// Its language; none finds out where the collection is made, and takes the pinned one where it is there.
    pub language: Option<Language>,
    /// What documents may be like.
    pub limits: LoadLimits,
    /// Whether to return only when everything can be found.
    pub wait: bool,
}

/// Why a collection has its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageFrom {
    /// The collection was there.
    Pinned,
    /// The caller said so.
    Given,
    /// The first documents say so.
    Detected,
    /// Nothing says anything: it is French.
    Fallback,
}

/// What became of the documents so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// Documents that were not there.
    pub added: u64,
    /// Documents with another content.
    pub replaced: u64,
    /// Documents with the same content.
    pub unchanged: u64,
    /// Files and lines that gave no document.
    pub failed: u64,
    /// Chunks that were written.
    pub chunks: u64,
    /// Bytes that were read.
    #[serde(skip)]
    pub bytes: u64,
}

/// What happens during a load.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// So many bytes are to be read.
    Bytes(u64),
    /// Documents go to this collection.
    Collection(&'a Collection, LanguageFrom),
    /// A file or a line gave no document; the rest goes on.
    Failed(&'a Failure),
    /// Some more documents are stored.
    Stored(&'a Loaded),
    /// Everything is stored, and is being indexed.
    Indexing,
}

/// Loads documents, in batches that are each stored whole or not at all. What fails is told and counted, and the rest goes on; a
/// collection is made when the first document is there. Of several documents with one id the last counts.
///
/// # Errors
/// [`ServiceError::Invalid`] where the collection is in another language than the one given, before anything is read;
/// [`ServiceError::NotFollowed`] where everything is stored and could not be waited for; failures of the database, the engines and the
/// embedding model. What was stored until then stays, and a repeated load goes on from there.
pub async fn load(app: &App, request: LoadRequest, mut progress: impl FnMut(Progress<'_>)) -> Result<Loaded, ServiceError> {
    let key = CollectionKey::new(None, Visibility::Public, &request.collection);
    let mut target = find(app, key).await?;
    if let Some(found) = &target {
        check_language(&found.collection, request.language)?;
        progress(Progress::Collection(&found.collection, LanguageFrom::Pinned));
    }
    let files = Files::new(request.paths.clone());
    progress(Progress::Bytes(app.bridge.compute(move || files.bytes()).await?));
    let fields = target.as_ref().map_or_else(FilterableFields::default, |found| found.collection.fields.clone());
    let mut source = Source::new(request.paths.clone(), request.limits.reading.clone(), fields);
    let mut loaded = Loaded::default();
    loop {
        let (back, batch) = app.bridge.compute(move || next(source)).await?;
        source = back;
        let Some(batch) = batch else { break };
        loaded.bytes += batch.bytes;
        for failure in &batch.failures {
            loaded.failed += 1;
            progress(Progress::Failed(failure));
        }
        if !batch.documents.is_empty() {
            let to = match target.take() {
                Some(found) => found,
                None => {
                    let wanted = Wanted { name: &request.collection, language: request.language, chunking: request.limits.chunking };
                    create(app, wanted, &batch.documents, &mut progress).await?
                }
            };
            let puts = put::put(app, &to.collection, &to.generation, batch.documents).await;
            target = Some(to);
            puts?.into_iter().for_each(|put| loaded.count(put));
        }
        progress(Progress::Stored(&loaded));
    }
    if let Some(to) = target.filter(|_| request.wait) {
        progress(Progress::Indexing);
        app.followers.wait(&to.generation).await?;
    }
    Ok(loaded)
}

fn next(mut source: Source) -> (Source, Option<Batch>) {
    let batch = source.next_batch();
    (source, batch)
}

impl Loaded {
    pub(super) fn count(&mut self, put: Put) {
        *match put.outcome {
            Outcome::Added => &mut self.added,
            Outcome::Replaced => &mut self.replaced,
            Outcome::Unchanged => &mut self.unchanged,
        } += 1;
        self.chunks += put.chunks as u64;
    }

    /// How many documents were read.
    pub fn documents(&self) -> u64 {
        self.added + self.replaced + self.unchanged
    }
}

/// A collection that is not there yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a CollectionName,
    pub(super) language: Option<Language>,
    pub(super) chunking: Chunking,
}

/// Makes the collection, in the language that was given or that its first documents are in.
pub(super) async fn create(
    app: &App,
    wanted: Wanted<'_>,
    first: &[NewDocument],
    progress: &mut impl FnMut(Progress<'_>),
) -> Result<Ensured, ServiceError> {
    let detected = || lectern_corpus::detect(first.iter().flat_map(|document| [document.title.as_str(), document.text.as_str()]));
    let (language, from) = match wanted.language {
        Some(language) => (language, LanguageFrom::Given),
        None => detected().map_or((FALLBACK, LanguageFrom::Fallback), |language| (language, LanguageFrom::Detected)),
    };
    let spec = NewCollectionSpec {
        name: wanted.name.clone(),
        owner: None,
        visibility: Visibility::Public,
        language,
        chunking: wanted.chunking,
        fields: FilterableFields::default(),
    };
    let ensured = ensure(app, spec).await?;
    // Another process may have made it meanwhile.
    check_language(&ensured.collection, wanted.language)?;
    progress(Progress::Collection(&ensured.collection, if ensured.created { from } else { LanguageFrom::Pinned }));
    Ok(ensured)
}

pub(super) fn check_language(collection: &Collection, given: Option<Language>) -> Result<(), Invalid> {
    match given {
        Some(language) if language != collection.language => Err(Invalid::new(
            "language",
            format!(
                "the collection '{}' was made in {}, which stays: leave --language {language} out, or take another collection",
                collection.name, collection.language
            ),
        )),
        _ => Ok(()),
    }
}
