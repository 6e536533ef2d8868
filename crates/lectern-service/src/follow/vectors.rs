//! The vector follower: it consumes the embedder's entries.

use super::{
    Followers,
    entries::{removed, versions},
    lexical::indexed_document,
    position::{START, place},
};
use crate::ServiceError;
use lectern_domain::{
    change::{ChangeKind, Cursor},
    collection::Generation,
    ids::{ChunkId, DocumentId, VersionId},
    model::EmbeddingModel,
};
use lectern_persistence::repo::{changes, collections, embeddings, followers::Engine};
use lectern_vector_store::{Batch, VectorEntry, embedded::Role};
use std::sync::Arc;

impl Followers {
    /// Takes the vector index of every generation that has a model to the end of its log. Does nothing where another process holds the
    /// folder.
    pub(crate) async fn vectors_pass(&self) -> Result<(), ServiceError> {
        if self.folder.role() != Role::Holder {
            return Ok(());
        }
        let _turn = self.turns.vectors.lock().await;
        for generation in self.bridge.read(collections::generations).await? {
            if let Some(model) = &generation.model {
                self.follow_vectors(&generation, model).await?;
            }
        }
        Ok(())
    }

    async fn follow_vectors(&self, generation: &Generation, model: &EmbeddingModel) -> Result<(), ServiceError> {
        let mut at = place(self.vectors.position(generation).await?);
        loop {
            let Some(cursor) = at else {
                at = Some(self.fill_vectors(generation, model).await?);
                continue;
            };
            let Some(entries) = self.entries_after(generation, cursor).await? else {
                at = None;
                continue;
            };
            let Some(last) = entries.last() else { return self.confirm(Engine::Vectors, generation, cursor).await };
            let embedded = versions(&entries, ChangeKind::Embedded(model.id));
            self.put_vectors(generation, model, embedded, removed(generation, &entries)).await?;
            self.commit_vectors(generation, last.cursor).await?;
            at = Some(last.cursor);
        }
    }

    /// Fills the index from the tables: no model is called.
    async fn fill_vectors(&self, generation: &Generation, model: &EmbeddingModel) -> Result<Cursor, ServiceError> {
        let collection = generation.collection;
        let cursor = self.bridge.read(move |conn| changes::last(conn, collection)).await?.unwrap_or(START);
        self.vectors.clear(generation).await?;
        let mut after = DocumentId(0);
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            self.put_vectors(generation, model, page.into_iter().map(|(_, version)| version).collect(), Vec::new()).await?;
        }
        self.commit_vectors(generation, cursor).await?;
        Ok(cursor)
    }

    async fn put_vectors(
        &self,
        generation: &Generation,
        model: &EmbeddingModel,
        versions: Vec<VersionId>,
        removes: Vec<ChunkId>,
    ) -> Result<(), ServiceError> {
        if !removes.is_empty() {
            self.vectors.apply(generation, Batch { removes, puts: Vec::new() }).await?;
        }
        let versions = Arc::new(versions);
        let mut after = None;
        while !versions.is_empty() {
            let (of, chunking, model) = (versions.clone(), generation.chunking.fingerprint(), model.clone());
            let limit = self.options.batch_chunks as i64;
            let (page, next) =
                self.bridge.read(move |conn| embeddings::page_of_versions(conn, &model, &of, &chunking, after, limit)).await?;
            if next.is_none() {
                break;
            }
            after = next;
            let puts = page
                .into_iter()
                .map(|(row, vector)| VectorEntry { chunk: row.chunk.id, document: indexed_document(&row, generation), vector })
                .collect();
            self.vectors.apply(generation, Batch { removes: Vec::new(), puts }).await?;
        }
        Ok(())
    }

    async fn commit_vectors(&self, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let durable = self.vectors.commit(generation, cursor).await?;
        self.publish(Engine::Vectors, generation, cursor, durable.map_or(0, |durable| durable.seq)).await
    }
}
