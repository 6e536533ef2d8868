//! The lexical follower.

use super::{
    Followers,
    entries::{removed, versions},
    position::START,
    seat::Work,
};
use crate::ServiceError;
use lectern_domain::{
    change::{Change, ChangeKind, Cursor},
    collection::Generation,
    ids::{ChunkId, DocumentId, VersionId},
    search::Side,
};
use lectern_persistence::repo::{
    changes,
    chunks::{self, ChunkOfDocument},
    collections,
};
use lectern_vector_store::{Batch, IndexedDocument, LexicalEntry};
use std::sync::Arc;

impl Followers {
    /// Takes the lexical index of every generation to the end of its log. Does nothing where another process holds the folder; where one
    /// follows for a store outside, and only then, there may be something left to do, and the answer is `false`.
    pub(crate) async fn lexical_pass(&self) -> Result<bool, ServiceError> {
        let _turn = self.turns.lexical.lock().await;
        let generations = self.bridge.read(collections::generations).await?;
        self.drop_gone(Side::Lexical, &generations).await?;
        match self.begin(&self.lexical_seat, generations).await? {
            Work::Nothing => Ok(true),
            Work::Elsewhere => Ok(false),
            Work::Follow(generations) => {
                let passed = self.follow_lexical_of(&generations).await;
                self.end_pass(&self.lexical_seat, passed).await
            }
        }
    }

    async fn follow_lexical_of(&self, generations: &[Generation]) -> Result<(), ServiceError> {
        if !self.lexical_seat.is_known() {
            self.lexical.check(generations).await?;
        }
        for generation in generations {
            self.follow_lexical(generation, generations).await?;
        }
        Ok(())
    }

    async fn follow_lexical(&self, generation: &Generation, all: &[Generation]) -> Result<(), ServiceError> {
        let mut at = self.lexical.position(generation).await?.cursor();
        loop {
            match at {
                None => at = Some(self.fill_lexical(generation, all).await?),
                Some(cursor) if self.advance_lexical(generation, cursor).await? => return Ok(()),
                Some(_) => at = None,
            }
        }
    }

    /// Takes an index from where it stands to the end of its log; `false` where that place is not in the log.
    async fn advance_lexical(&self, generation: &Generation, mut cursor: Cursor) -> Result<bool, ServiceError> {
        loop {
            let Some(entries) = self.entries_after(generation, cursor).await? else { return Ok(false) };
            let Some(last) = entries.last() else {
                self.confirm(&self.lexical_seat, generation, cursor).await?;
                return Ok(true);
            };
            self.apply_lexical(generation, &entries, last.cursor).await?;
            self.commit_lexical(generation, last.cursor).await?;
            cursor = last.cursor;
        }
    }

    /// Takes the other indexes along that are filled already, so that one that is filled keeps none of them behind.
    async fn keep_up_lexical(&self, filled: &Generation, all: &[Generation], seen: &mut Option<Cursor>) -> Result<(), ServiceError> {
        if !self.log_has_grown(seen).await? {
            return Ok(());
        }
        for other in all.iter().filter(|other| other.id != filled.id) {
            if let Some(cursor) = self.lexical.position(other).await?.cursor() {
                self.advance_lexical(other, cursor).await?;
            }
        }
        Ok(())
    }

    /// Fills the index from the tables. The cursor is read first: what changes meanwhile stands after it and is applied again.
    async fn fill_lexical(&self, generation: &Generation, all: &[Generation]) -> Result<Cursor, ServiceError> {
        let collection = generation.collection;
        let cursor = self.bridge.read(move |conn| changes::last(conn, collection)).await?.unwrap_or(START);
        self.lexical.clear(generation).await?;
        self.forget_rejected(&self.lexical_seat, generation).await?;
        let (mut after, mut seen) = (DocumentId(0), Some(cursor));
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            self.put_lexical(generation, page.into_iter().map(|(_, version)| version).collect(), Vec::new(), cursor).await?;
            self.keep_up_lexical(generation, all, &mut seen).await?;
        }
        self.commit_lexical(generation, cursor).await?;
        Ok(cursor)
    }

    async fn apply_lexical(&self, generation: &Generation, entries: &[Change], reached: Cursor) -> Result<(), ServiceError> {
        self.put_lexical(generation, versions(generation, entries, ChangeKind::Put), removed(generation, entries), reached).await
    }

    /// Removes chunks, then adds those that the versions have today.
    async fn put_lexical(
        &self,
        generation: &Generation,
        versions: Vec<VersionId>,
        removes: Vec<ChunkId>,
        reached: Cursor,
    ) -> Result<(), ServiceError> {
        let apply = async |removes, puts: Vec<LexicalEntry>| {
            let put = puts.iter().map(|entry| entry.chunk).collect();
            self.renew(&self.lexical_seat).await?;
            let rejected = self.lexical.apply(generation, Batch { seq: reached.seq, removes, puts }).await?;
            self.keep_rejected(&self.lexical_seat, generation, put, rejected).await
        };
        if !removes.is_empty() {
            apply(removes, Vec::new()).await?;
        }
        let versions = Arc::new(versions);
        let mut after = None;
        while !versions.is_empty() {
            let (of, chunking, limit) = (versions.clone(), generation.chunking.fingerprint(), self.options.batch_chunks as i64);
            let page = self.bridge.read(move |conn| chunks::page_of_versions(conn, &of, &chunking, after, limit)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.place());
            let puts = page.into_iter().map(|row| lexical_entry(row, generation)).collect();
            apply(Vec::new(), puts).await?;
        }
        Ok(())
    }

    async fn commit_lexical(&self, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let durable = self.lexical.commit(generation, cursor).await?;
        self.publish(&self.lexical_seat, generation, cursor, durable.seq).await
    }
}

/// What the indexes of a generation keep of a chunk's document.
pub(crate) fn indexed_document(row: &ChunkOfDocument, generation: &Generation) -> Arc<IndexedDocument> {
    Arc::new(IndexedDocument {
        id: row.document,
        external_id: row.external_id.clone(),
        title: row.title.clone(),
        source: row.source.clone(),
        metadata: generation.fields.of(&row.metadata),
    })
}

/// What the index of words is told of a chunk.
pub(crate) fn lexical_entry(row: ChunkOfDocument, generation: &Generation) -> LexicalEntry {
    let document = indexed_document(&row, generation);
    LexicalEntry { chunk: row.chunk.id, document, heading: row.chunk.heading, text: row.chunk.text }
}
