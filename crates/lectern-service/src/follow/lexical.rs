//! The lexical follower.

use super::{
    Followers,
    entries::{removed, versions},
    position::{START, place},
};
use crate::ServiceError;
use lectern_domain::{
    change::{Change, ChangeKind, Cursor},
    collection::Generation,
    ids::{ChunkId, DocumentId, VersionId},
};
use lectern_persistence::repo::{
    changes,
    chunks::{self, ChunkOfDocument},
    collections,
    followers::Engine,
};
use lectern_vector_store::{Batch, IndexedDocument, LexicalEntry, embedded::Role};
use std::sync::Arc;

impl Followers {
    /// Takes the lexical index of every generation to the end of its log. Does nothing where another process holds the folder.
    pub(crate) async fn lexical_pass(&self) -> Result<(), ServiceError> {
        if self.folder.role() != Role::Holder {
            return Ok(());
        }
        let _turn = self.turns.lexical.lock().await;
        for generation in self.bridge.read(collections::generations).await? {
            self.follow_lexical(&generation).await?;
        }
        Ok(())
    }

    async fn follow_lexical(&self, generation: &Generation) -> Result<(), ServiceError> {
        let mut at = place(self.lexical.position(generation).await?);
        loop {
            let Some(cursor) = at else {
                at = Some(self.fill_lexical(generation).await?);
                continue;
            };
            let Some(entries) = self.entries_after(generation, cursor).await? else {
                at = None;
                continue;
            };
            let Some(last) = entries.last() else { return self.confirm(Engine::Lexical, generation, cursor).await };
            self.apply_lexical(generation, &entries).await?;
            self.commit_lexical(generation, last.cursor).await?;
            at = Some(last.cursor);
        }
    }

    /// Fills the index from the tables. The cursor is read first: what changes meanwhile stands after it and is applied again.
    async fn fill_lexical(&self, generation: &Generation) -> Result<Cursor, ServiceError> {
        let collection = generation.collection;
        let cursor = self.bridge.read(move |conn| changes::last(conn, collection)).await?.unwrap_or(START);
        self.lexical.clear(generation).await?;
        let mut after = DocumentId(0);
        loop {
            let page = self.documents_after(generation, after).await?;
            let Some(&(last, _)) = page.last() else { break };
            after = last;
            self.put_lexical(generation, page.into_iter().map(|(_, version)| version).collect(), Vec::new()).await?;
        }
        self.commit_lexical(generation, cursor).await?;
        Ok(cursor)
    }

    async fn apply_lexical(&self, generation: &Generation, entries: &[Change]) -> Result<(), ServiceError> {
        self.put_lexical(generation, versions(entries, ChangeKind::Put), removed(generation, entries)).await
    }

    /// Removes chunks, then adds those that the versions have today.
    async fn put_lexical(&self, generation: &Generation, versions: Vec<VersionId>, removes: Vec<ChunkId>) -> Result<(), ServiceError> {
        if !removes.is_empty() {
            self.lexical.apply(generation, Batch { removes, puts: Vec::new() }).await?;
        }
        let versions = Arc::new(versions);
        let mut after = None;
        while !versions.is_empty() {
            let (of, chunking, limit) = (versions.clone(), generation.chunking.fingerprint(), self.options.batch_chunks as i64);
            let page = self.bridge.read(move |conn| chunks::page_of_versions(conn, &of, &chunking, after, limit)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.place());
            let puts = page.into_iter().map(|row| lexical_entry(row, generation)).collect();
            self.lexical.apply(generation, Batch { removes: Vec::new(), puts }).await?;
        }
        Ok(())
    }

    async fn commit_lexical(&self, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let durable = self.lexical.commit(generation, cursor).await?;
        self.publish(Engine::Lexical, generation, cursor, durable.seq).await
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

fn lexical_entry(row: ChunkOfDocument, generation: &Generation) -> LexicalEntry {
    let document = indexed_document(&row, generation);
    LexicalEntry { chunk: row.chunk.id, document, heading: row.chunk.heading, text: row.chunk.text }
}
