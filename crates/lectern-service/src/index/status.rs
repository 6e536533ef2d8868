//! Status: which generations there are, and how far their indexes are.

use super::Chosen;
use crate::{ServiceError, app::App, follow::EMBEDDER};
use lectern_domain::{ids::FollowerId, search::Side};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        changes,
        collections::Kept,
        dead_letters,
        followers::{self, Engine},
        index_entries,
    },
};

/// How far an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexStatus {
    /// Which of the generation's indexes.
    pub side: Side,
    /// What kind of store it is in.
    pub store: &'static str,
    /// The number in the log up to which it is found by searches, as its follower said last; none where it has not begun.
    pub at: Option<i64>,
    /// Entries of the log that it has not reached, counted to 10,000.
    pub behind: usize,
    /// Chunks that it did not take.
    pub set_aside: i64,
}

/// A generation.
#[derive(Debug, Clone)]
pub struct Status {
    /// The generation, its collection, and whether it is the current one.
    pub kept: Kept,
    /// How many chunks it has in SQL.
    pub chunks: i64,
    /// How many of them have a vector of its model.
    pub embedded: i64,
    /// Whether this process's settings name its model.
    pub embeds: bool,
    /// Its indexes; words alone where it has no model.
    pub indexes: Vec<IndexStatus>,
}

/// The most entries that are counted as being behind.
const MOST: i64 = 10_000;

/// The generations of the chosen collections, by the collections' names, the oldest of each first. No index is asked: SQL knows what each
/// follower said last.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], and failures of the database.
pub async fn status(app: &App, chosen: &Chosen) -> Result<Vec<Status>, ServiceError> {
    let seats = [(Side::Lexical, &app.followers.lexical_seat), (Side::Vectors, &app.followers.vectors_seat)];
    let seats = seats.map(|(side, seat)| At { side, engine: seat.engine, store: seat.kind, follower: seat.follower });
    let mut found = Vec::new();
    for kept in chosen.generations(app).await? {
        let embeds = app.followers.embeds(&kept.generation);
        found.push(app.bridge.read(move |conn| of_generation(conn, kept, embeds, &seats)).await?);
    }
    Ok(found)
}

/// Who follows for an index.
#[derive(Debug, Clone, Copy)]
struct At {
    side: Side,
    engine: Engine,
    store: &'static str,
    follower: FollowerId,
}

fn of_generation(conn: &mut Conn, kept: Kept, embeds: bool, seats: &[At]) -> Result<Status, DbError> {
    let generation = &kept.generation;
    let (chunks, embedded) = index_entries::count(
        conn,
        generation.collection,
        &generation.chunking.fingerprint(),
        generation.model.as_ref().map(|model| model.id),
    )?;
    let mut indexes = Vec::new();
    for at in seats.iter().filter(|at| at.side == Side::Lexical || generation.model.is_some()) {
        let cursor = followers::cursor(conn, at.follower, at.engine, generation.id)?.map(|cursor| cursor.seq);
        // Vectors come after the embedder, which may have come less far than the log.
        let embedder = followers::cursor(conn, EMBEDDER, Engine::Embedder, generation.id)?.map(|cursor| cursor.seq);
        let reached = if at.side == Side::Vectors && embeds { cursor.min(embedder) } else { cursor };
        let (behind, _) = changes::backlog(conn, generation.collection, reached.unwrap_or(0), MOST)?;
        let set_aside = dead_letters::count(conn, at.engine, generation.id)?;
        indexes.push(IndexStatus { side: at.side, store: at.store, at: cursor, behind, set_aside });
    }
    Ok(Status { chunks, embedded, embeds, indexes, kept })
}
