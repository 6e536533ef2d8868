//! Import the texts and vectors of another program's store into a collection, without embedding anything.
//!
//! Each row becomes a document of one passage: its id is the row's, its text is not cut, and its vector is kept as that of its text. So doing it
//! again changes nothing, and goes on where it was interrupted. Rows of an index without vectors are documents like others.

mod source;
mod understand;

pub use source::Seed;

use super::{
    Failure, LoadLimits, Loaded, Progress,
    ensure::{Ensured, find},
    load::{LanguageFrom, Wanted, check_language, create},
    put::{Given, put_given},
};
use crate::{ServiceError, app::App};
use lectern_domain::{
    Invalid,
    chunk::embedding_text,
    collection::{CollectionKey, CollectionName, Visibility},
    digest::Digest,
    language::Language,
    model::{EmbeddingModel, EmbeddingModelSpec},
};
use lectern_vector_store::{StoreError, length};
use source::Pages;
use std::path::PathBuf;
use understand::{Understood, understand};

/// The most rows that are not understood and told before an import is refused.
const TOLD: usize = 20;

/// What to import, and where.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// Where the rows are.
    pub from: Seed,
    /// The collection; made where it is not there, readable by every confirmed user.
    pub collection: CollectionName,
    /// Its language; none finds out where the collection is made, and takes the pinned one where it is there.
    pub language: Option<Language>,
    /// The model that made the vectors, where the caller knows it: it has to be the collection's.
    pub model: Option<String>,
    /// What documents may be like.
    pub limits: LoadLimits,
    /// Whether rows that are not understood are passed over. Otherwise the first page that holds one is refused.
    pub pass_over: bool,
    /// Whether to return only when everything can be found.
    pub wait: bool,
}

/// Imports rows, in pages that are each stored whole or not at all. Rows that are not understood are told.
///
/// # Errors
/// [`ServiceError::Invalid`] where a row is not understood and is not to be passed over, where the collection is in another language or of
/// another model, or has none; [`ServiceError::Store`] where the other store fails, or its vectors are of another length;
/// [`ServiceError::NotFollowed`] where everything is stored and could not be waited for; failures of the database and the engines. What was
/// stored until then stays, and a repeated import goes on from there.
pub async fn import(app: &App, request: ImportRequest, mut progress: impl FnMut(Progress<'_>)) -> Result<Loaded, ServiceError> {
    let mut target = find(app, CollectionKey::new(None, Visibility::Public, &request.collection)).await?;
    if let Some(found) = &target {
        check_language(&found.collection, request.language)?;
        progress(Progress::Collection(&found.collection, LanguageFrom::Pinned));
    }
    let mut pages = Pages::open(&request.from).await?;
    let spec = match pages.has_vectors() || request.model.is_some() {
        true => Some(spec(app, &request, target.as_ref())?),
        false => None,
    };
    let mut loaded = Loaded::default();
    let read = read(app, &request, spec.as_ref(), &mut pages, &mut target, &mut loaded, &mut progress).await;
    let closed = app.bridge.compute(move || pages.close()).await;
    read?;
    closed?;
    if let Some(to) = target.filter(|_| request.wait) {
        progress(Progress::Indexing);
        app.followers.wait(&to.generation).await?;
    }
    Ok(loaded)
}

/// Stores page after page.
async fn read(
    app: &App,
    request: &ImportRequest,
    spec: Option<&EmbeddingModelSpec>,
    pages: &mut Pages,
    target: &mut Option<Ensured>,
    loaded: &mut Loaded,
    progress: &mut impl FnMut(Progress<'_>),
) -> Result<(), ServiceError> {
    while let Some(rows) = pages.next_page().await? {
        let (mut page, mut failed) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let id = row.id.clone();
            match understand(row, pages.has_vectors(), &request.limits.reading).and_then(|row| fits(row, target.as_ref())) {
                Ok(understood) => page.push(understood),
                Err(message) => failed.push(Failure::of_file(&PathBuf::from(id), message)),
            }
        }
        // Of another length means of another model: that is never passed over.
        let expected = spec.map_or(0, |spec| spec.dimensions);
        if let Some(found) = page.iter().flat_map(|row| &row.vector).map(|vector| length(vector)).find(|found| *found != expected) {
            return Err(StoreError::Dimensions { expected, found }.into());
        }
        let told = if request.pass_over { failed.len() } else { TOLD };
        failed.iter().take(told).for_each(|failure| progress(Progress::Failed(failure)));
        loaded.failed += failed.len() as u64;
        if !failed.is_empty() && !request.pass_over {
            let message =
                format!("{} of {} rows are not understood; nothing of this page was stored", failed.len(), failed.len() + page.len());
            return Err(Invalid::new("rows", message).into());
        }
        if page.is_empty() {
            continue;
        }
        let to = match target.take() {
            Some(found) => found,
            None => {
                let wanted = Wanted { name: &request.collection, language: request.language, chunking: request.limits.chunking };
                let first: Vec<_> = page.iter().map(|row| row.document.clone()).collect();
                create(app, wanted, &first, progress).await?
            }
        };
        store(app, target.insert(to), spec, page, loaded).await?;
        progress(Progress::Stored(loaded));
    }
    Ok(())
}

/// The model that the vectors must be of.
fn spec(app: &App, request: &ImportRequest, target: Option<&Ensured>) -> Result<EmbeddingModelSpec, ServiceError> {
    let spec = match target {
        Some(found) => found.generation.model.as_ref().map(|model| model.spec.clone()),
        None => app.followers.embedder.as_ref().map(|embedder| embedder.spec().clone()),
    };
    let name = &request.collection;
    let Some(spec) = spec else {
        let message =
            format!("the collection '{name}' has no embedding model: configure the one that made the vectors, which questions need too");
        return Err(Invalid::new("model", message).into());
    };
    match &request.model {
        Some(model) if *model != spec.name => {
            let message = format!("the vectors are of {model}, and the collection '{name}' is searched by {}", spec.name);
            Err(Invalid::new("model", message).into())
        }
        _ => Ok(spec),
    }
}

/// The collection's model; another process may have made the collection meanwhile, with another one.
fn model<'a>(to: &'a Ensured, spec: &EmbeddingModelSpec) -> Result<&'a EmbeddingModel, ServiceError> {
    to.generation
        .model
        .as_ref()
        .filter(|model| model.spec == *spec)
        .ok_or_else(|| Invalid::new("model", format!("the collection '{}' is not searched by {}", to.collection.name, spec.name)).into())
}

/// Whether the collection takes the row's metadata.
fn fits(row: Understood, target: Option<&Ensured>) -> Result<Understood, String> {
    let fields = target.map(|found| found.collection.fields.clone()).unwrap_or_default();
    match fields.check(&row.document.metadata) {
        Ok(()) => Ok(row),
        Err(wrong) => Err(wrong.message),
    }
}

async fn store(
    app: &App,
    to: &Ensured,
    spec: Option<&EmbeddingModelSpec>,
    page: Vec<Understood>,
    loaded: &mut Loaded,
) -> Result<(), ServiceError> {
    let model = spec.map(|spec| model(to, spec)).transpose()?.cloned();
    let (mut documents, mut passages, mut vectors) = (Vec::new(), Vec::new(), Vec::new());
    for Understood { document, passage, vector } in page {
        let digest = Digest::of(embedding_text(&document.title, &passage.heading, &passage.text));
        vectors.extend(vector.map(|vector| (digest, vector)));
        documents.push(document);
        passages.push(vec![passage]);
    }
    let given = model.filter(|_| !vectors.is_empty()).map(|model| Given { passages, model, vectors });
    let puts = put_given(app, &to.collection, &to.generation, documents, given).await?;
    puts.into_iter().for_each(|put| loaded.count(put));
    Ok(())
}
