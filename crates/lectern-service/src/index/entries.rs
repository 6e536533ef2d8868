//! An index of a generation, and what SQL says that it should hold.

use super::differences::{Difference, Wanted, difference};
use crate::{
    ServiceError,
    follow::{EMBEDDER, Followers, Seat, indexed_document, lexical_entry},
};
use lectern_domain::{collection::Generation, ids::ChunkId, search::Side};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        dead_letters,
        followers::{self, Engine},
        index_entries,
    },
};
use lectern_vector_store::{Held, Position, VectorEntry};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The ids of a page of SQL.
const IDS: i64 = 5_000;

/// The entries of a page of an index.
const HELD: usize = 5_000;

/// The chunks whose rows are read at once.
const ROWS: usize = 500;

/// One of a generation's two indexes.
#[derive(Clone, Copy)]
pub(super) struct IndexOf<'a> {
    pub(super) followers: &'a Followers,
    pub(super) side: Side,
    pub(super) generation: &'a Generation,
}

impl IndexOf<'_> {
    pub(super) fn seat(&self) -> &Seat {
        self.followers.seat_of(self.side)
    }

    /// A page of what SQL wants it to hold, after `after`, and where to read on; none at the end. A page may hold nothing although more follows.
    pub(super) async fn wanted(&self, after: Option<ChunkId>) -> Result<Option<(Vec<Wanted>, ChunkId)>, ServiceError> {
        let (collection, chunking) = (self.generation.collection, self.generation.chunking.fingerprint());
        let ids = self.followers.bridge.read(move |conn| index_entries::ids(conn, collection, &chunking, after, IDS)).await?;
        let Some(&last) = ids.last() else { return Ok(None) };
        let mut page = self.wanted_of(ids).await?;
        page.sort_unstable_by_key(|wanted| wanted.chunk);
        Ok(Some((page, last)))
    }

    /// What SQL wants it to hold of these chunks, in no order.
    async fn wanted_of(&self, ids: Vec<ChunkId>) -> Result<Vec<Wanted>, ServiceError> {
        let (side, generation) = (self.side, self.generation.clone());
        let read = move |conn: &mut Conn| {
            let mut wanted = Vec::with_capacity(ids.len());
            for ids in ids.chunks(ROWS) {
                wanted.extend(wanted_among(conn, side, &generation, ids)?);
            }
            Ok::<_, DbError>(wanted)
        };
        Ok(self.followers.bridge.read(read).await?)
    }

    /// A page of what it holds, after `after`; none at the end.
    pub(super) async fn held(&self, after: Option<ChunkId>, limit: usize) -> Result<Vec<Held>, ServiceError> {
        Ok(match self.side {
            Side::Lexical => self.followers.lexical.held(self.generation, after, limit).await?,
            Side::Vectors => self.followers.vectors.held(self.generation, after, limit).await?,
        })
    }

    /// The same, a page of the usual size.
    pub(super) async fn held_page(&self, after: Option<ChunkId>) -> Result<Vec<Held>, ServiceError> {
        self.held(after, HELD).await
    }

    /// The differences in these chunks as they are now.
    pub(super) async fn among(&self, chunks: &[ChunkId]) -> Result<Vec<Difference>, ServiceError> {
        let wanted = self.wanted_of(chunks.to_vec()).await?;
        let wanted: HashMap<ChunkId, Wanted> = wanted.into_iter().map(|wanted| (wanted.chunk, wanted)).collect();
        let mut found = Vec::new();
        for &chunk in chunks {
            let before = chunk.0.as_u128().checked_sub(1).map(|n| ChunkId(Uuid::from_u128(n)));
            let held = self.held(before, 1).await?.into_iter().find(|held| held.chunk == chunk);
            found.extend(difference(wanted.get(&chunk), held.as_ref()));
        }
        Ok(found)
    }

    /// The number in the log up to which the index holds what SQL says, and SQL has the vectors that are to come; none where it is empty.
    pub(super) async fn floor(&self) -> Result<Option<i64>, ServiceError> {
        let position = match self.side {
            Side::Lexical => self.followers.lexical.position(self.generation).await?,
            Side::Vectors => self.followers.vectors.position(self.generation).await?,
        };
        let Position::At(at) = position else { return Ok(None) };
        if self.side == Side::Lexical || !self.followers.embeds(self.generation) {
            return Ok(Some(at.seq));
        }
        // Vectors are in SQL a moment before the log says so.
        let id = self.generation.id;
        let embedder = self.followers.bridge.read(move |conn| followers::cursor(conn, EMBEDDER, Engine::Embedder, id)).await?;
        Ok(Some(embedder.map_or(0, |embedder| embedder.seq).min(at.seq)))
    }

    /// Those of these chunks that the index did not take, which is why they are missing.
    pub(super) async fn set_aside(&self, chunks: Vec<ChunkId>) -> Result<HashSet<ChunkId>, ServiceError> {
        let (engine, generation) = (self.seat().engine, self.generation.id);
        let read = move |conn: &mut Conn| {
            let mut found = HashSet::new();
            for chunks in chunks.chunks(ROWS) {
                found.extend(dead_letters::among(conn, engine, generation, chunks)?);
            }
            Ok::<_, DbError>(found)
        };
        Ok(self.followers.bridge.read(read).await?)
    }
}

fn wanted_among(conn: &mut Conn, side: Side, generation: &Generation, ids: &[ChunkId]) -> Result<Vec<Wanted>, DbError> {
    let chunking = generation.chunking.fingerprint();
    let Some(model) = generation.model.as_ref().filter(|_| side == Side::Vectors) else {
        let rows = index_entries::of_ids(conn, &chunking, ids)?;
        return Ok(rows
            .into_iter()
            .map(|row| {
                let (chunk, version) = (row.chunk.id, row.chunk.version);
                Wanted { chunk, version, digest: lexical_entry(row, generation).digest() }
            })
            .collect());
    };
    let rows = index_entries::embedded_of_ids(conn, model, &chunking, ids)?;
    Ok(rows
        .into_iter()
        .map(|(row, vector)| {
            let entry = VectorEntry { chunk: row.chunk.id, document: indexed_document(&row, generation), vector };
            Wanted { chunk: entry.chunk, version: row.chunk.version, digest: entry.digest() }
        })
        .collect())
}
