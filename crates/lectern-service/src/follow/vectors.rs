//! The vector follower: it consumes the embedder's entries.

use super::{
    Followers,
    entries::{removed, versions},
    lexical::indexed_document,
    position::START,
    seat::Work,
};
use crate::ServiceError;
use lectern_domain::{
    change::{ChangeKind, Cursor},
    collection::Generation,
    ids::{ChunkId, DocumentId, VersionId},
    model::EmbeddingModel,
    search::Side,
};
use lectern_persistence::repo::{changes, collections, embeddings};
use lectern_vector_store::{Batch, VectorEntry};
use std::sync::Arc;

impl Followers {
    /// Takes the vector index of every generation that has a model to the end of its log, as [`Followers::lexical_pass`] does with words.
    pub(crate) async fn vectors_pass(&self) -> Result<bool, ServiceError> {
        let _turn = self.turns.vectors.lock().await;
        let mut generations = self.bridge.read(collections::generations).await?;
        self.drop_gone(Side::Vectors, &generations).await?;
        generations.retain(|generation| generation.model.is_some());
        match self.begin(&self.vectors_seat, generations).await? {
            Work::Nothing => Ok(true),
            Work::Elsewhere => Ok(false),
            Work::Follow(generations) => {
                let passed = self.follow_vectors_of(&generations).await;
                self.end_pass(&self.vectors_seat, passed).await
            }
        }
    }

    async fn follow_vectors_of(&self, generations: &[Generation]) -> Result<(), ServiceError> {
        if !self.vectors_seat.is_known() {
            self.vectors.check(generations).await?;
        }
        for generation in generations {
            if let Some(model) = &generation.model {
                self.follow_vectors(generation, model, generations).await?;
            }
        }
        Ok(())
    }

    async fn follow_vectors(&self, generation: &Generation, model: &EmbeddingModel, all: &[Generation]) -> Result<(), ServiceError> {
        let mut at = self.vectors.position(generation).await?.cursor();
        loop {
            match at {
                None => at = Some(self.fill_vectors(generation, model, all).await?),
                Some(cursor) if self.advance_vectors(generation, model, cursor).await? => return Ok(()),
                Some(_) => at = None,
            }
        }
    }

    /// Takes an index from where it stands to the end of its log; `false` where that place is not in the log.
    async fn advance_vectors(&self, generation: &Generation, model: &EmbeddingModel, mut cursor: Cursor) -> Result<bool, ServiceError> {
        loop {
            let Some(entries) = self.entries_after(generation, cursor).await? else { return Ok(false) };
            let Some(last) = entries.last() else {
                self.confirm(&self.vectors_seat, generation, cursor).await?;
                return Ok(true);
            };
            let embedded = versions(generation, &entries, ChangeKind::Embedded(model.id));
            self.put_vectors(generation, model, embedded, removed(generation, &entries), last.cursor).await?;
            self.commit_vectors(generation, last.cursor).await?;
            cursor = last.cursor;
        }
    }

    /// Takes the other indexes along that are filled already, as [`Followers::lexical_pass`] does with words.
    async fn keep_up_vectors(&self, filled: &Generation, all: &[Generation], seen: &mut Option<Cursor>) -> Result<(), ServiceError> {
        if !self.log_has_grown(seen).await? {
            return Ok(());
        }
        for other in all.iter().filter(|other| other.id != filled.id) {
            if let (Some(model), Some(cursor)) = (&other.model, self.vectors.position(other).await?.cursor()) {
                self.advance_vectors(other, model, cursor).await?;
            }
        }
        Ok(())
    }

    /// Fills the index from the tables: no model is called.
    async fn fill_vectors(&self, generation: &Generation, model: &EmbeddingModel, all: &[Generation]) -> Result<Cursor, ServiceError> {
        let collection = generation.collection;
        let cursor = self.bridge.read(move |conn| changes::last(conn, collection)).await?.unwrap_or(START);
        self.vectors.clear(generation).await?;
        self.forget_rejected(&self.vectors_seat, generation).await?;
        let (mut after, mut seen) = (DocumentId(0), Some(cursor));
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            self.put_vectors(generation, model, page.into_iter().map(|(_, version)| version).collect(), Vec::new(), cursor).await?;
            self.keep_up_vectors(generation, all, &mut seen).await?;
        }
        self.commit_vectors(generation, cursor).await?;
        // What took so long is kept, and seen by the processes that only read the folder.
        if self.vectors_seat.role().is_some()
            && let Some(durable) = self.vectors.flush(generation).await?
        {
            self.publish(&self.vectors_seat, generation, durable, durable.seq).await?;
        }
        Ok(cursor)
    }

    async fn put_vectors(
        &self,
        generation: &Generation,
        model: &EmbeddingModel,
        versions: Vec<VersionId>,
        removes: Vec<ChunkId>,
        reached: Cursor,
    ) -> Result<(), ServiceError> {
        let apply = async |removes, puts: Vec<VectorEntry>| {
            let put = puts.iter().map(|entry| entry.chunk).collect();
            self.renew(&self.vectors_seat).await?;
            let rejected = self.vectors.apply(generation, Batch { seq: reached.seq, removes, puts }).await?;
            self.keep_rejected(&self.vectors_seat, generation, put, rejected).await
        };
        if !removes.is_empty() {
            apply(removes, Vec::new()).await?;
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
            apply(Vec::new(), puts).await?;
        }
        Ok(())
    }

    async fn commit_vectors(&self, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let durable = self.vectors.commit(generation, cursor).await?;
        self.publish(&self.vectors_seat, generation, cursor, durable.map_or(0, |durable| durable.seq)).await
    }
}
