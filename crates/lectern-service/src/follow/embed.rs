//! The embedder: a follower that turns the texts of new versions into vectors, once for a text and a model, and says so in the log.

use super::{EMBEDDER, Followers, entries::versions};
use crate::ServiceError;
use lectern_domain::{
    change::{ChangeKind, Cursor, NewChange},
    collection::Generation,
    digest::Digest,
    ids::{DocumentId, VersionId},
    model::EmbeddingModel,
};
use lectern_llm::{Embedder, EmbeddingKind, LlmError};
use lectern_persistence::repo::{
    changes, chunks, collections, dead_letters,
    embeddings::{self, Unembedded},
    followers::{self, Engine, Published},
    leases,
};
use std::{sync::Arc, time::Duration};

/// How long an embedder that says nothing keeps its right to embed.
const LEASE: Duration = Duration::from_secs(60);

/// The most texts that are embedded between two renewals of that right.
const TEXTS: i64 = 128;

/// How embedding a whole collection ended.
enum Scan {
    /// Everything is embedded; the log goes on from here.
    Done(Cursor),
    /// The collection's log is empty.
    Nothing,
    /// Another process embeds.
    Elsewhere,
}

impl Followers {
    /// Embeds what is not embedded yet in the generations of the configured model. Does nothing while another process does; then, and
    /// only then, there is something left to do.
    pub(crate) async fn embed_pass(&self) -> Result<bool, ServiceError> {
        let Some(embedder) = &self.embedder else { return Ok(true) };
        let mut complete = true;
        for generation in self.bridge.read(collections::generations).await? {
            match &generation.model {
                Some(model) if model.spec == *embedder.spec() => complete &= self.follow_embedder(embedder, &generation, model).await?,
                _ => {}
            }
        }
        Ok(complete)
    }

    async fn follow_embedder(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        model: &EmbeddingModel,
    ) -> Result<bool, ServiceError> {
        let id = generation.id;
        let cursor = self.bridge.read(move |conn| followers::cursor(conn, EMBEDDER, Engine::Embedder, id)).await?;
        let known = match cursor {
            Some(cursor) => self.bridge.read(move |conn| changes::contains(conn, cursor)).await?.then_some(cursor),
            None => None,
        };
        let mut cursor = match known {
            Some(cursor) => cursor,
            None => match self.embed_all(embedder, generation, model).await? {
                Scan::Done(cursor) => cursor,
                Scan::Nothing => return Ok(true),
                Scan::Elsewhere => return Ok(false),
            },
        };
        loop {
            let entries = self.entries_after(generation, cursor.seq).await?;
            let Some(last) = entries.last() else { return Ok(true) };
            cursor = last.cursor;
            if !self.hold_lease(model).await? {
                return Ok(false);
            }
            let new = versions(&entries, ChangeKind::Put);
            self.embed_versions(embedder, generation, model, &new).await?;
            self.log_embedded(generation, model, new, Some(cursor)).await?;
        }
    }

    /// Embeds every document of a collection whose log this embedder has not followed.
    async fn embed_all(&self, embedder: &Arc<dyn Embedder>, generation: &Generation, model: &EmbeddingModel) -> Result<Scan, ServiceError> {
        let collection = generation.collection;
        let Some(cursor) = self.bridge.read(move |conn| changes::last(conn, collection)).await? else { return Ok(Scan::Nothing) };
        let mut after = DocumentId(0);
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            if !self.hold_lease(model).await? {
                return Ok(Scan::Elsewhere);
            }
            let versions: Vec<_> = page.into_iter().map(|(_, version)| version).collect();
            self.embed_versions(embedder, generation, model, &versions).await?;
            self.log_embedded(generation, model, versions, None).await?;
        }
        self.log_embedded(generation, model, Vec::new(), Some(cursor)).await?;
        Ok(Scan::Done(cursor))
    }

    async fn hold_lease(&self, model: &EmbeddingModel) -> Result<bool, ServiceError> {
        let (name, holder) = (format!("embedder/{}", model.id), self.holder);
        Ok(self.bridge.write(move |tx| leases::acquire(tx.conn(), &name, holder, LEASE)).await?)
    }

    /// Embeds those chunks of the versions whose texts have no vector yet.
    async fn embed_versions(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        model: &EmbeddingModel,
        versions: &[VersionId],
    ) -> Result<(), ServiceError> {
        let mut after = None;
        loop {
            let (of, chunking, spec) = (versions.to_vec(), generation.chunking.fingerprint(), model.clone());
            let page = self.bridge.read(move |conn| embeddings::missing(conn, &spec, &of, &chunking, after, TEXTS)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.place);
            if !self.hold_lease(model).await? {
                return Err(ServiceError::LeaseLost);
            }
            let vectors = self.embed_page(embedder, generation, page).await?;
            let model = model.clone();
            self.bridge.write(move |tx| embeddings::insert(tx.conn(), &model, &vectors)).await?;
        }
    }

    /// Embeds a page of texts. Where the model refuses it, each text goes alone, and one that is refused goes to the dead letters.
    async fn embed_page(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        mut page: Vec<Unembedded>,
    ) -> Result<Vec<(Digest, Vec<f32>)>, ServiceError> {
        page.sort_by_key(|chunk| chunk.text_hash);
        page.dedup_by_key(|chunk| chunk.text_hash);
        let texts = page.iter().map(|chunk| chunk.text.clone()).collect();
        match embedder.embed(texts, EmbeddingKind::Passage).await {
            Ok(vectors) => return Ok(page.into_iter().map(|chunk| chunk.text_hash).zip(vectors).collect()),
            Err(error) if !is_refusal(&error) => return Err(error.into()),
            Err(_) => {}
        }
        let mut vectors = Vec::with_capacity(page.len());
        for chunk in page {
            match embedder.embed(vec![chunk.text], EmbeddingKind::Passage).await {
                Ok(mut vector) => vectors.extend(vector.pop().map(|vector| (chunk.text_hash, vector))),
                Err(error) if is_refusal(&error) => {
                    let (generation, id, reason) = (generation.id, chunk.chunk, error.to_string());
                    tracing::warn!(chunk = %id, reason, "the embedding model refuses a passage: it is found by its words only");
                    self.bridge
                        .write(move |tx| dead_letters::insert(tx.conn(), Engine::Embedder, generation, id, &reason, chrono::Utc::now()))
                        .await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(vectors)
    }

    /// Says in the log that the versions are embedded and, in the same transaction, how far the embedder has come.
    async fn log_embedded(
        &self,
        generation: &Generation,
        model: &EmbeddingModel,
        versions: Vec<VersionId>,
        cursor: Option<Cursor>,
    ) -> Result<(), ServiceError> {
        let (generation, model) = (generation.clone(), model.id);
        self.bridge
            .write(move |tx| {
                let chunking = generation.chunking.fingerprint();
                for (document, version, chunks) in chunks::count_of_versions(tx.conn(), &versions, &chunking)? {
                    tx.log(NewChange {
                        kind: ChangeKind::Embedded(model),
                        collection: generation.collection,
                        document,
                        version,
                        chunking: chunking.clone(),
                        chunks,
                    });
                }
                if let Some(cursor) = cursor {
                    let at = Published { engine: Engine::Embedder, generation: generation.id, cursor, durable_seq: cursor.seq };
                    followers::publish(tx.conn(), EMBEDDER, at, chrono::Utc::now())?;
                }
                Ok::<_, ServiceError>(())
            })
            .await?;
        self.wake();
        Ok(())
    }
}

/// Whether the model was reached and said no to what it was given: asking again changes nothing.
fn is_refusal(error: &LlmError) -> bool {
    matches!(error, LlmError::Status { status: 400 | 413 | 422, .. })
}
