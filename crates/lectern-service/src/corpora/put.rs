//! Put documents: add new ones, replace changed ones, leave the rest.

use super::delete::delete_chunks;
use crate::{ServiceError, app::App};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    chunk::{Chunk, chunk_id},
    collection::{Collection, Generation},
    digest::Digest,
    document::{NewDocument, version_id},
    ids::DocumentId,
};
use lectern_persistence::{
    DbError, Tx,
    repo::{
        chunks::{self, ChunkPlace},
        documents::{self, NewVersion, Stored},
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
/// [`ServiceError`] where the database fails; nothing was written then.
pub async fn put(app: &App, collection: &Collection, generation: &Generation, batch: Vec<NewDocument>) -> Result<Vec<Put>, ServiceError> {
    let batch = Arc::new(batch.into_iter().map(|document| (document.content_hash(), document)).collect::<Vec<_>>());
    let order = Arc::new(order(&batch));
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(app, collection, generation, &batch, &order).await {
            // On PostgreSQL another process may add a document between the look and the insert: then it is there at the next look.
            Err(ServiceError::Db(DbError::UniqueViolation { .. })) if tries < TRIES => {}
            puts => {
                app.followers.wake();
                return puts;
            }
        }
    }
}

/// The places of the documents that count, by external id: two processes that put the same documents lock them in the same order.
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
) -> Result<Vec<Put>, ServiceError> {
    let passages = changed(app, collection, batch).await?;
    let chunking = generation.chunking;
    let (of, counting) = (batch.clone(), order.clone());
    let cut = app
        .bridge
        .compute(move || {
            let mut cut = vec![None; of.len()];
            for &index in counting.iter().filter(|&&index| passages[index]) {
                let document = &of[index].1;
                cut[index] = Some(lectern_corpus::passages(&document.text, document.format, chunking).collect::<Vec<_>>());
            }
            cut
        })
        .await?;
    let (collection, generation, batch, order) = (collection.clone(), generation.clone(), batch.clone(), order.clone());
    app.bridge
        .write(move |tx| {
            let mut puts = vec![Put { outcome: Outcome::Unchanged, chunks: 0 }; batch.len()];
            let mut work = Work { tx, collection: &collection, generation: &generation };
            for &index in order.iter() {
                let (hash, document) = &batch[index];
                puts[index] = work.put(*hash, document, cut[index].as_deref())?;
            }
            Ok(puts)
        })
        .await
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

struct Work<'a, 'c> {
    tx: &'a mut Tx<'c>,
    collection: &'a Collection,
    generation: &'a Generation,
}

impl Work<'_, '_> {
    fn put(&mut self, hash: Digest, document: &NewDocument, passages: Option<&[lectern_domain::chunk::Passage]>) -> Result<Put, DbError> {
        let stored = documents::find_for_update(self.tx.conn(), self.collection.id, &document.external_id)?;
        if stored.is_some_and(|stored| stored.content_hash == hash) {
            return Ok(Put { outcome: Outcome::Unchanged, chunks: 0 });
        }
        let number = stored.map_or(1, |stored| stored.version + 1);
        let id = version_id(self.collection.uid, &document.external_id, number, hash);
        let new = NewVersion { collection: self.collection.id, number, id, content: document, content_hash: hash, now: chrono::Utc::now() };
        let owned;
        let passages = match passages {
            Some(passages) => passages,
            // It was the same a moment ago, and another process has replaced it since.
            None => {
                owned = lectern_corpus::passages(&document.text, document.format, self.generation.chunking).collect::<Vec<_>>();
                &owned
            }
        };
        let document_id = match stored {
            Some(stored) => self.replace(stored, &new)?,
            None => documents::insert(self.tx.conn(), &new)?,
        };
        self.chunks(document_id, &new, passages)?;
        let outcome = if stored.is_some() { Outcome::Replaced } else { Outcome::Added };
        Ok(Put { outcome, chunks: passages.len() })
    }

    fn replace(&mut self, stored: Stored, new: &NewVersion<'_>) -> Result<DocumentId, DbError> {
        delete_chunks(self.tx, self.collection.id, &stored)?;
        documents::replace(self.tx.conn(), stored.id, new)?;
        Ok(stored.id)
    }

    fn chunks(&mut self, document: DocumentId, new: &NewVersion<'_>, passages: &[lectern_domain::chunk::Passage]) -> Result<(), DbError> {
        let chunking = self.generation.chunking.fingerprint();
        let chunks: Vec<Chunk> = passages
            .iter()
            .zip(0u32..)
            .map(|(passage, ordinal)| Chunk {
                id: chunk_id(new.id, &chunking, ordinal),
                version: new.id,
                ordinal,
                heading: passage.heading.clone(),
                text: passage.text.clone(),
            })
            .collect();
        let place = ChunkPlace { collection: self.collection.id, document, title: &new.content.title, chunking: &chunking };
        chunks::insert(self.tx.conn(), &place, &chunks)?;
        let count = u32::try_from(chunks.len()).map_err(DbError::corrupt("chunks"))?;
        self.tx.log(NewChange {
            kind: ChangeKind::Put,
            collection: self.collection.id,
            document,
            version: new.id,
            chunking,
            chunks: count,
        });
        Ok(())
    }
}
