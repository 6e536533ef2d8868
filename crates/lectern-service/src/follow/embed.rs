//! The embedder: a follower that turns the texts of new versions into vectors, once for a text and a model, and says so in the log.

use super::{EMBEDDER, Followers, entries::versions, position::publish, texts::embed_texts};
use crate::ServiceError;
use lectern_domain::{
    change::{ChangeKind, Cursor, NewChange},
    collection::Generation,
    digest::Digest,
    ids::{ChunkId, DocumentId, VersionId},
    model::EmbeddingModel,
};
use lectern_llm::Embedder;
use lectern_persistence::{
    WriteKind,
    repo::{
        changes, chunks, collections, dead_letters,
        embeddings::{self, Unembedded},
        followers::{self, Engine, Published},
        leases,
    },
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How long an embedder that says nothing keeps its right to embed.
const LEASE: Duration = Duration::from_secs(60);

/// The most texts that are embedded between two renewals of that right.
const TEXTS: i64 = 128;

/// The lease of those who embed.
const LEASE_NAME: &str = "embedder";

impl Followers {
    /// Embeds what is not embedded yet in the generations of the configured model. Does nothing while another process does; then, and
    /// only then, there is something left to do, and the answer is `false`.
    pub(crate) async fn embed_pass(&self) -> Result<bool, ServiceError> {
        let Some(embedder) = &self.embedder else { return Ok(true) };
        let _turn = self.turns.embedder.lock().await;
        let mut leased = false;
        let passed = self.embed_generations(embedder, &mut leased).await;
        if leased {
            self.release_lease().await?;
        }
        match passed {
            Err(ServiceError::LeaseLost) => Ok(false),
            passed => passed,
        }
    }

    async fn embed_generations(&self, embedder: &Arc<dyn Embedder>, leased: &mut bool) -> Result<bool, ServiceError> {
        for generation in self.bridge.read(collections::generations).await? {
            let Some(model) = generation.model.as_ref().filter(|model| model.spec == *embedder.spec()) else { continue };
            if !self.follow_embedder(embedder, &generation, model, leased).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn follow_embedder(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        model: &EmbeddingModel,
        leased: &mut bool,
    ) -> Result<bool, ServiceError> {
        let (id, collection) = (generation.id, generation.collection);
        loop {
            let at = self.bridge.read(move |conn| followers::cursor(conn, EMBEDDER, Engine::Embedder, id)).await?;
            let entries = match at {
                Some(cursor) => self.entries_after(generation, cursor).await?,
                None => None,
            };
            let end = match &entries {
                Some(entries) => entries.last().map(|entry| entry.cursor),
                None => self.bridge.read(move |conn| changes::last(conn, collection)).await?,
            };
            let Some(end) = end else { return Ok(true) };
            if !*leased {
                *leased = self.hold_lease().await?;
                if !*leased {
                    return Ok(false);
                }
                // Who had the lease until now may have moved the cursor.
                continue;
            }
            match entries {
                Some(entries) => {
                    let new = versions(generation, &entries, ChangeKind::Put);
                    self.embed_versions(embedder, generation, model, &new).await?;
                    self.log_embedded(generation, model, new, Some(end)).await?;
                }
                None => self.embed_all(embedder, generation, model, end).await?,
            }
        }
    }

    /// Embeds every document of a collection whose log this embedder has not followed; the log goes on from `end`, which was read before.
    async fn embed_all(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        model: &EmbeddingModel,
        end: Cursor,
    ) -> Result<(), ServiceError> {
        let mut after = DocumentId(0);
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            let versions: Vec<_> = page.into_iter().map(|(_, version)| version).collect();
            self.embed_versions(embedder, generation, model, &versions).await?;
            self.log_embedded(generation, model, versions, None).await?;
        }
        self.log_embedded(generation, model, Vec::new(), Some(end)).await
    }

    /// Takes the right to embed, or keeps it; `false` where another process has it.
    pub(crate) async fn hold_lease(&self) -> Result<bool, ServiceError> {
        let holder = self.holder;
        Ok(self.bridge.write(move |tx| leases::acquire(tx.conn(), LEASE_NAME, holder, LEASE)).await?)
    }

    /// Gives the right to embed back, so that nobody has to wait for its end.
    pub(crate) async fn release_lease(&self) -> Result<(), ServiceError> {
        let holder = self.holder;
        Ok(self.bridge.write_as(WriteKind::Upkeep, move |tx| leases::release(tx.conn(), LEASE_NAME, holder)).await?)
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
            let vectors = self.embed_page(embedder, generation, page).await?;
            let (model, holder) = (model.clone(), self.holder);
            // One commit keeps the vectors and the right to embed. Vectors that are there are paid for, whoever goes on.
            let held = self.bridge.write(move |tx| {
                embeddings::insert(tx.conn(), &model, &vectors)?;
                leases::acquire(tx.conn(), LEASE_NAME, holder, LEASE)
            });
            if !held.await? {
                return Err(ServiceError::LeaseLost);
            }
        }
    }

    /// Embeds a page of texts, each once. Those that the model refuses go to the dead letters.
    async fn embed_page(
        &self,
        embedder: &Arc<dyn Embedder>,
        generation: &Generation,
        page: Vec<Unembedded>,
    ) -> Result<Vec<(Digest, Vec<f32>)>, ServiceError> {
        let texts: BTreeMap<Digest, String> = page.iter().map(|chunk| (chunk.text_hash, chunk.text.clone())).collect();
        let (vectors, refused) = embed_texts(embedder, texts).await?;
        let letters: Vec<(ChunkId, String)> =
            page.into_iter().filter_map(|chunk| Some((chunk.chunk, refused.get(&chunk.text_hash)?.clone()))).collect();
        if !letters.is_empty() {
            tracing::warn!(
                generation = %generation.id,
                passages = letters.len(),
                reason = letters[0].1,
                "the embedding model refuses passages: they are found by their words only"
            );
            let generation = generation.id;
            self.bridge
                .write(move |tx| {
                    let now = chrono::Utc::now();
                    letters
                        .iter()
                        .try_for_each(|(chunk, reason)| dead_letters::insert(tx.conn(), Engine::Embedder, generation, *chunk, reason, now))
                })
                .await?;
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
        let (generation, model, told) = (generation.clone(), model.id, !versions.is_empty());
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
                    publish(tx, EMBEDDER, "embedder", "", at)?;
                }
                Ok::<_, ServiceError>(())
            })
            .await?;
        if told {
            self.wake();
        }
        Ok(())
    }
}
