//! Put documents: add new ones, replace changed ones, leave the rest.

use super::delete::delete_chunks;
use crate::{ServiceError, app::App};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    chunk::{Chunk, Passage, chunk_id},
    collection::{Chunking, Collection, Generation},
    digest::Digest,
    document::{NewDocument, version_id},
    ids::{DocumentId, VersionId},
    model::EmbeddingModel,
};
use lectern_persistence::{
    DbError, Tx,
    repo::{
        chunks::{self, ChunkPlace},
        documents::{self, NewVersion, Stored},
        embeddings, recut,
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there.
    Added,
    /// Its content is another one: it has a new version.
    Replaced,
    /// Its content is the same: nothing was written.
    Unchanged,
}

/// What became of a document, and how many chunks it has; none are counted for an unchanged one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put {
    /// What became of it.
    pub outcome: Outcome,
    /// The chunks that were written.
    pub chunks: usize,
}

/// How often a batch is tried that met another process adding the same documents.
const TRIES: usize = 3;

/// Puts documents, in one transaction: all of them are there afterwards, with their chunks and their entries in the change log, or none.
/// Of several with one external id the last counts, and the others are told as unchanged. Callers bound the size of a batch.
///
/// # Errors
/// [`ServiceError::Invalid`] where a field that the collection can be searched by has a value of another kind, and failures of the database;
/// nothing was written then.
pub async fn put(app: &App, collection: &Collection, generation: &Generation, batch: Vec<NewDocument>) -> Result<Vec<Put>, ServiceError> {
    put_given(app, collection, generation, batch, None).await
}

/// What is known of the documents of a batch before they are put, besides what they are.
#[derive(Debug)]
pub(super) struct Given {
    /// The passages of each, in the order of the batch: they are not cut.
    pub(super) passages: Vec<Vec<Passage>>,
    /// The model of the vectors.
    pub(super) model: EmbeddingModel,
    /// Vectors, by the digests of the texts that were embedded. They are there as soon as the documents are, so that nobody embeds these texts.
    pub(super) vectors: Vec<(Digest, Vec<f32>)>,
}

/// The same, with what is known of the documents.
pub(super) async fn put_given(
    app: &App,
    collection: &Collection,
    generation: &Generation,
    batch: Vec<NewDocument>,
    given: Option<Given>,
) -> Result<Vec<Put>, ServiceError> {
    for document in &batch {
        collection.fields.check(&document.metadata)?;
    }
    let given = given.map(Arc::new);
    let batch = Arc::new(batch.into_iter().map(|document| (document.content_hash(), document)).collect::<Vec<_>>());
    let order = Arc::new(order(&batch));
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(app, collection, generation, &batch, &order, given.as_ref()).await {
            // On PostgreSQL another process may add a document between the look and the insert: then it is there at the next look.
            Err(ServiceError::Db(DbError::UniqueViolation { .. })) if tries < TRIES => {}
            puts => {
                app.followers.wake();
                return puts;
            }
        }
    }
}

/// The places of the documents that count, by external id: two processes that add the same documents add them in the same order.
fn order(batch: &[(Digest, NewDocument)]) -> Vec<usize> {
    let last: BTreeMap<&str, usize> =
        batch.iter().enumerate().map(|(index, (_, document))| (document.external_id.as_str(), index)).collect();
    last.into_values().collect()
}

async fn attempt(
    app: &App,
    collection: &Collection,
    generation: &Generation,
    batch: &Arc<Vec<(Digest, NewDocument)>>,
    order: &Arc<Vec<usize>>,
    given: Option<&Arc<Given>>,
) -> Result<Vec<Put>, ServiceError> {
    let cut = match given {
        Some(given) => given.passages.iter().cloned().map(Some).collect(),
        None => cut(app, collection, generation, batch, order).await?,
    };
    let (collection, generation, batch, order) = (collection.clone(), generation.clone(), batch.clone(), order.clone());
    let given = given.cloned();
    app.bridge
        .write(move |tx| {
            let mut puts = vec![Put { outcome: Outcome::Unchanged, chunks: 0 }; batch.len()];
            let documents: Vec<_> = order.iter().map(|&index| Cut { document: &batch[index], passages: cut[index].as_deref() }).collect();
            if let Some(given) = &given {
                embeddings::insert(tx.conn(), &given.model, &given.vectors)?;
            }
            let outcomes = Work { tx, collection: &collection, generation: &generation }.put(&documents)?;
            for (&index, put) in order.iter().zip(outcomes) {
                puts[index] = put;
            }
            Ok(puts)
        })
        .await
}

/// The passages of the documents that differ from what is stored.
async fn cut(
    app: &App,
    collection: &Collection,
    generation: &Generation,
    batch: &Arc<Vec<(Digest, NewDocument)>>,
    order: &Arc<Vec<usize>>,
) -> Result<Vec<Option<Vec<Passage>>>, ServiceError> {
    let passages = changed(app, collection, batch).await?;
    let chunking = generation.chunking;
    let (of, counting) = (batch.clone(), order.clone());
    let cut = app.bridge.compute(move || {
        let mut cut = vec![None; of.len()];
        for &index in counting.iter().filter(|&&index| passages[index]) {
            let document = &of[index].1;
            cut[index] = Some(lectern_corpus::passages(&document.text, document.format, chunking).collect::<Vec<_>>());
        }
        cut
    });
    Ok(cut.await?)
}

/// Which documents of the batch differ from what is stored: only these need be cut.
async fn changed(app: &App, collection: &Collection, batch: &Arc<Vec<(Digest, NewDocument)>>) -> Result<Vec<bool>, ServiceError> {
    let (of, collection) = (batch.clone(), collection.id);
    let stored = app
        .bridge
        .read(move |conn| {
            let ids: Vec<&str> = of.iter().map(|(_, document)| document.external_id.as_str()).collect();
            documents::content_hashes(conn, collection, &ids)
        })
        .await?;
    Ok(batch.iter().map(|(hash, document)| stored.get(document.external_id.as_str()) != Some(hash)).collect())
}

/// A document with its content's digest, and its passages where they are known already.
struct Cut<'a> {
    document: &'a (Digest, NewDocument),
    passages: Option<&'a [Passage]>,
}

struct Work<'a, 'c> {
    tx: &'a mut Tx<'c>,
    collection: &'a Collection,
    generation: &'a Generation,
}

impl Work<'_, '_> {
    /// Puts documents with different external ids, in their order. A few statements do for all of them, as far as they are new.
    fn put(&mut self, documents: &[Cut<'_>]) -> Result<Vec<Put>, DbError> {
        let ids: Vec<_> = documents.iter().map(|cut| &cut.document.1.external_id).collect();
        let stored = documents::find_for_update(self.tx.conn(), self.collection.id, &ids)?;
        let stored: Vec<Option<Stored>> = ids.iter().map(|id| stored.get(*id).copied()).collect();
        let same = |index: usize| stored[index].is_some_and(|stored| stored.content_hash == documents[index].document.0);
        let changed: Vec<usize> = (0..documents.len()).filter(|&index| !same(index)).collect();
        let versions: Vec<NewVersion<'_>> = changed.iter().map(|&index| self.version(documents[index].document, stored[index])).collect();

        let (mut added, mut recorded) = (Vec::new(), Vec::with_capacity(changed.len()));
        for (&index, version) in changed.iter().zip(&versions) {
            match stored[index] {
                Some(stored) => {
                    delete_chunks(self.tx, self.collection.id, &stored)?;
                    documents::replace(self.tx.conn(), stored.id, version)?;
                }
                None => added.push(*version),
            }
        }
        let added = documents::insert(self.tx.conn(), &added)?;
        for (&index, version) in changed.iter().zip(&versions) {
            let id = stored[index].map(|stored| stored.id).or_else(|| added.get(ids[index]).copied());
            recorded.push((id.ok_or_else(|| DbError::Data("a document that was just added is not there".to_owned()))?, *version));
        }
        documents::record_versions(self.tx.conn(), &recorded)?;

        let mut puts = vec![Put { outcome: Outcome::Unchanged, chunks: 0 }; documents.len()];
        let passages: Vec<_> = changed.iter().map(|&index| documents[index].passages).collect();
        for (&index, chunks) in changed.iter().zip(self.chunks(&recorded, &passages)?) {
            let outcome = if stored[index].is_some() { Outcome::Replaced } else { Outcome::Added };
            puts[index] = Put { outcome, chunks };
        }
        Ok(puts)
    }

    fn version<'d>(&self, (hash, content): &'d (Digest, NewDocument), stored: Option<Stored>) -> NewVersion<'d> {
        let number = stored.map_or(1, |stored| stored.version + 1);
        let id = version_id(self.collection.uid, &content.external_id, number, *hash);
        NewVersion { collection: self.collection.id, number, id, content, content_hash: *hash, now: chrono::Utc::now() }
    }

    /// Writes the chunks of versions, under the chunking of each of the collection's generations, and says in the log that they are there; how many
    /// each has under the one that they were cut for.
    fn chunks(&mut self, versions: &[(DocumentId, NewVersion<'_>)], passages: &[Option<&[Passage]>]) -> Result<Vec<usize>, DbError> {
        let mut counts = vec![0; versions.len()];
        for chunking in recut::chunkings(self.tx.conn(), self.collection.id)? {
            let own = chunking == self.generation.chunking;
            let fingerprint = chunking.fingerprint();
            let chunks: Vec<(ChunkPlace<'_>, Vec<Chunk>)> = versions
                .iter()
                .zip(passages)
                .map(|((document, version), passages)| {
                    let (collection, title) = (self.collection.id, version.content.title.as_str());
                    let place = ChunkPlace { collection, document: *document, title, chunking: &fingerprint };
                    (place, cut_version(version, passages.filter(|_| own), chunking))
                })
                .collect();
            chunks::insert(self.tx.conn(), &chunks)?;
            for (at, ((document, version), (_, chunks))) in versions.iter().zip(&chunks).enumerate() {
                self.tx.log(NewChange {
                    kind: ChangeKind::Put,
                    collection: self.collection.id,
                    document: *document,
                    version: version.id,
                    chunking: fingerprint.clone(),
                    chunks: u32::try_from(chunks.len()).map_err(DbError::corrupt("chunks"))?,
                });
                if own {
                    counts[at] = chunks.len();
                }
            }
        }
        Ok(counts)
    }
}

/// The chunks of a version.
fn cut_version(version: &NewVersion<'_>, passages: Option<&[Passage]>, chunking: Chunking) -> Vec<Chunk> {
    let content = version.content;
    let passages = match passages {
        Some(passages) => passages.to_vec(),
        // It was the same a moment ago, and another process has replaced it since; or a generation of another chunking is being built.
        None => lectern_corpus::passages(&content.text, content.format, chunking).collect(),
    };
    chunks_made_of(version.id, passages, chunking)
}

/// Passages as the chunks of a version.
pub(crate) fn chunks_made_of(version: VersionId, passages: Vec<Passage>, chunking: Chunking) -> Vec<Chunk> {
    let fingerprint = chunking.fingerprint();
    let chunk = |(passage, ordinal): (Passage, u32)| {
        let id = chunk_id(version, &fingerprint, ordinal);
        Chunk { id, version, ordinal, heading: passage.heading, text: passage.text }
    };
    passages.into_iter().zip(0u32..).map(chunk).collect()
}
