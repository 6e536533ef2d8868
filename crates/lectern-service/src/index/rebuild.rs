//! Rebuild: a new generation beside the one that serves.

use super::{Chosen, recut::recut};
use crate::{
    ServiceError,
    app::App,
    follow::{EMBEDDER, Limit},
};
use lectern_domain::{
    Invalid,
    collection::{Chunking, CollectionKey, Generation},
    ids::GenerationId,
};
use lectern_persistence::{
    Conn, DbError,
    repo::{
        changes,
        collections::{self, Kept},
        dead_letters,
        followers::{self, Engine},
        index_entries, recut,
    },
};
use std::time::Duration;
use tokio::time::Instant;

/// How often progress is told.
const LOOK: Duration = Duration::from_secs(1);

/// A generation that is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Which one.
    pub generation: GenerationId,
    /// Whether it was made by this call; else an earlier one had begun with it.
    pub created: bool,
}

/// How a new generation differs from the current one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// The most characters of a chunk; as now where none is given.
    pub chunk_chars: Option<u32>,
    /// The characters that a chunk may repeat of the one before it; as now where none is given.
    pub chunk_overlap: Option<u32>,
}

impl Shape {
    /// The chunking that it asks for.
    fn chunking(self, now: Chunking) -> Result<Chunking, Invalid> {
        Chunking::new(self.chunk_chars.unwrap_or(now.chars()), self.chunk_overlap.unwrap_or(now.overlap()))
    }
}

/// How far a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which generation is built.
    pub generation: GenerationId,
    /// The documents that were cut anew by this call.
    pub cut: usize,
    /// The chunks that it has.
    pub chunks: i64,
    /// How many of them have a vector, or never will; all where it has no model.
    pub embedded: i64,
    /// What is left of the embedding at the pace since the beginning; none as long as that is not known.
    pub left: Option<Duration>,
}

/// Makes a generation for a collection beside the current one, of the same language, of the configured model and of this shape, cuts the
/// documents anew where that is needed, and fills its indexes from SQL. A text that the model has embedded before is not embedded again. One
/// that is there and is not searched by is gone on with. The current generation serves and follows meanwhile; [`switch`](super::switch) puts
/// the new one in its place.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], [`ServiceError::Invalid`] for a chunking that can't be, [`ServiceError::NotFollowed`] where nothing
/// moves any more, and failures of the database, the indexes and the model. What was done until then stays, and the next call goes on from
/// there.
pub async fn rebuild(
    app: &App,
    collection: &CollectionKey,
    shape: Shape,
    mut progress: impl FnMut(Progress),
) -> Result<Built, ServiceError> {
    let kept = Chosen(vec![collection.clone()]).generations(app).await?;
    let Some(current) = kept.iter().find(|kept| kept.current) else {
        return Err(ServiceError::UnknownCollection(collection.to_string()));
    };
    let chunking = shape.chunking(current.generation.chunking)?;
    let (built, generation) = begin(app, &Generation { chunking, ..current.generation.clone() }, &kept).await?;
    app.followers.wake();
    let mut cut = 0;
    let told = Progress { generation: generation.id, cut, chunks: 0, embedded: 0, left: None };
    recut(app, &generation, |so_far| {
        cut = so_far;
        progress(Progress { cut, ..told });
    })
    .await?;
    let (started, before) = (Instant::now(), embedded(app, &generation).await?.1);
    let mut last = before;
    loop {
        let waiting = app.followers.wait(&generation);
        tokio::pin!(waiting);
        let done = loop {
            tokio::select! {
                done = &mut waiting => break done,
                () = tokio::time::sleep(LOOK) => {
                    let (chunks, embedded) = embedded(app, &generation).await?;
                    let left = estimate(chunks - embedded, embedded - before, started.elapsed());
                    progress(Progress { generation: generation.id, cut, chunks, embedded, left });
                }
            }
        };
        let (chunks, now) = embedded(app, &generation).await?;
        match done {
            // An empty log tells no end to wait for.
            Ok(()) if is_filled(app, &generation).await? => {
                progress(Progress { generation: generation.id, cut, chunks, embedded: now, left: Some(Duration::ZERO) });
                return Ok(built);
            }
            Ok(()) => app.followers.wait_until(&generation, Limit::after(app.followers.options.stall)).await?,
            // Another process embeds, whose place in the log moves with whole pages of documents.
            Err(ServiceError::NotFollowed { .. }) if now > last => {}
            Err(error) => return Err(error),
        }
        last = now;
    }
}

/// The time that `left` chunks take where so many were done in this time.
fn estimate(left: i64, done: i64, took: Duration) -> Option<Duration> {
    let (left, done) = (u32::try_from(left).ok()?, u32::try_from(done).ok().filter(|done| *done > 0)?);
    Some(took.mul_f64(f64::from(left) / f64::from(done)))
}

/// Makes the generation like this one, or finds the one that an earlier call made.
async fn begin(app: &App, current: &Generation, kept: &[Kept]) -> Result<(Built, Generation), ServiceError> {
    let spec = app.followers.embedder.as_ref().map(|embedder| embedder.spec().clone());
    let spec = spec.or_else(|| current.model.as_ref().map(|model| model.spec.clone()));
    let wanted = |kept: &&Kept| {
        let generation = &kept.generation;
        let same = generation.language == current.language && generation.chunking == current.chunking;
        !kept.current && generation.id > current.id && same && generation.model.as_ref().map(|model| &model.spec) == spec.as_ref()
    };
    if let Some(found) = kept.iter().rev().find(wanted) {
        return Ok((Built { generation: found.generation.id, created: false }, found.generation.clone()));
    }
    let current = current.clone();
    app.bridge
        .write(move |tx| {
            let now = chrono::Utc::now();
            // Who puts a document from now on cuts it for this generation too.
            recut::lock(tx.conn(), current.collection)?;
            let model = spec.map(|spec| collections::ensure_model(tx.conn(), &spec, now)).transpose()?;
            let id = collections::insert_generation(
                tx.conn(),
                current.collection,
                current.language,
                current.chunking,
                model.as_ref().map(|model| model.id),
                now,
            )?;
            Ok::<_, ServiceError>((Built { generation: id, created: true }, Generation { id, model, ..current }))
        })
        .await
}

/// The chunks of a generation, and how many of them have a vector or were refused by the model.
pub(super) async fn embedded(app: &App, generation: &Generation) -> Result<(i64, i64), ServiceError> {
    let generation = generation.clone();
    let count = move |conn: &mut Conn| {
        let model = generation.model.as_ref().map(|model| model.id);
        let (chunks, embedded) = index_entries::count(conn, generation.collection, &generation.chunking.fingerprint(), model)?;
        let refused = dead_letters::count(conn, Engine::Embedder, generation.id)?;
        Ok::<_, DbError>((chunks, if model.is_some() { chunks.min(embedded + refused) } else { chunks }))
    };
    Ok(app.bridge.read(count).await?)
}

/// Whether the followers have begun with each index of a generation, and the embedder where this process has its model.
async fn is_filled(app: &App, generation: &Generation) -> Result<bool, ServiceError> {
    let (lexical, vectors) = (app.followers.lexical_seat.follower, app.followers.vectors_seat.follower);
    let (embeds, generation) = (app.followers.embeds(generation), generation.clone());
    let look = move |conn: &mut Conn| {
        let mut at = |follower, engine| followers::cursor(conn, follower, engine, generation.id).map(|cursor| cursor.is_some());
        let words = at(lexical, Engine::Lexical)?;
        let vectors = generation.model.is_none() || at(vectors, Engine::Vectors)?;
        let embedded = !embeds || at(EMBEDDER, Engine::Embedder)? || changes::last(conn, generation.collection)?.is_none();
        Ok::<_, DbError>(words && vectors && embedded)
    };
    Ok(app.bridge.read(look).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_by_the_pace_so_far() {
        let second = Duration::from_secs(1);
        assert_eq!(estimate(30, 10, second), Some(3 * second));
        assert_eq!(estimate(0, 10, second), Some(Duration::ZERO));
        assert_eq!(estimate(30, 0, second), None);
    }
}
