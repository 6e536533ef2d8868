//! Following the change log: three followers bring the lexical index, the table of vectors and the vector index up to date with SQL.
//!
//! Each makes passes: in a pass it takes every generation from where it stands to the end of its collection's log. A pass that is
//! interrupted anywhere can be repeated; applying an entry twice is applying it once.

mod check;
mod embed;
mod entries;
mod gone;
mod health;
mod lexical;
mod maintain;
mod orphans;
mod position;
mod rejected;
mod run;
mod seat;
mod texts;
mod vectors;
mod wait;

pub use health::Lag;
pub(crate) use lexical::{indexed_document, lexical_entry};
pub use run::Running;
pub(crate) use seat::Seat;
pub(crate) use wait::Limit;

use crate::{ServiceError, blocking::Bridge, stores::Stores};
use lectern_domain::ids::{FollowerId, HolderId};
use lectern_llm::Embedder;
use lectern_persistence::{
    WriteKind,
    repo::{collections, followers},
};
use lectern_vector_store::{
    LexicalIndex, VectorIndex,
    embedded::{EmbeddedFolder, Role},
};
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

/// The embedder's place among the followers: it fills a table of this database, so there is one.
pub(crate) const EMBEDDER: FollowerId = FollowerId(Uuid::from_u128(0x6c65_6374_6572_6e00_8000_0065_6d62_6564));

/// How followers work.
#[derive(Debug, Clone)]
pub struct FollowOptions {
    /// How often the log is looked at when nobody in this process wrote to it.
    pub poll: Duration,
    /// The most chunks that are read, embedded or applied at once.
    pub batch_chunks: usize,
    /// How long entries are kept that every follower has passed, and how long a follower may be away.
    pub retention: Duration,
    /// How long a caller that waits to find what it wrote waits without any progress.
    pub stall: Duration,
}

impl Default for FollowOptions {
    /// Half a second, 512 chunks, a week, a minute.
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            batch_chunks: 512,
            retention: Duration::from_secs(7 * 24 * 3600),
            stall: Duration::from_secs(60),
        }
    }
}

/// One pass of a kind at a time: the tasks in the background and a caller that waits take turns.
#[derive(Default)]
pub(crate) struct Turns {
    pub(crate) lexical: Mutex<()>,
    pub(crate) embedder: Mutex<()>,
    pub(crate) vectors: Mutex<()>,
}

/// How a pass of each went; `false` where another process does the work.
pub(crate) struct Passed {
    pub(crate) lexical: Result<bool, ServiceError>,
    pub(crate) embedder: Result<bool, ServiceError>,
    pub(crate) vectors: Result<bool, ServiceError>,
}

/// The followers of this process, and what they need.
pub struct Followers {
    pub(crate) bridge: Bridge,
    /// The folder of the embedded engines, where one of them is in use.
    pub(crate) folder: Option<Arc<EmbeddedFolder>>,
    pub(crate) lexical: Arc<dyn LexicalIndex>,
    pub(crate) vectors: Arc<dyn VectorIndex>,
    pub(crate) lexical_seat: Seat,
    pub(crate) vectors_seat: Seat,
    pub(crate) embedder: Option<Arc<dyn Embedder>>,
    pub(crate) options: FollowOptions,
    pub(crate) holder: HolderId,
    pub(crate) turns: Turns,
    /// How the tasks in the background are.
    pub(crate) pulses: health::Pulses,
    /// Woken by whoever in this process wrote to the log.
    pub(crate) written: Notify,
    /// How often the stores outside were doubted: then they are looked at though the log has not grown.
    pub(crate) doubts: AtomicU64,
    /// The generations that this process has followed.
    pub(crate) followed: gone::Followed,
}

impl Followers {
    /// Followers that don't move yet: see [`Self::catch_up`] and [`Self::start`]. Makes this process known to the database, and pins the
    /// embedding model in those generations that have none yet.
    ///
    /// # Errors
    /// [`ServiceError`] where the database fails.
    pub(crate) async fn new(
        bridge: Bridge,
        stores: Stores,
        embedder: Option<Arc<dyn Embedder>>,
        options: FollowOptions,
    ) -> Result<Arc<Self>, ServiceError> {
        let Stores { lexical, vectors, lexical_seat, vectors_seat, folder, databases: _ } = stores;
        let followers = Self {
            lexical,
            vectors,
            lexical_seat,
            vectors_seat,
            bridge,
            folder,
            embedder,
            options,
            holder: HolderId(Uuid::new_v4()),
            turns: Turns::default(),
            pulses: health::Pulses::default(),
            written: Notify::new(),
            doubts: AtomicU64::new(0),
            followed: gone::Followed::default(),
        };
        followers.register().await?;
        match followers.pin_model().await {
            Err(ServiceError::Frozen(_)) => {
                tracing::warn!(
                    "the database is frozen: some generations get the configured embedding model with the first start after the thaw"
                );
            }
            pinned => pinned?,
        }
        Ok(Arc::new(followers))
    }

    /// Says in SQL which followers are alive: those that this process speaks for, and the embedder.
    pub(crate) async fn register(&self) -> Result<(), ServiceError> {
        let spoken = [&self.lexical_seat, &self.vectors_seat].into_iter().filter(|seat| seat.speaks());
        let alive: Vec<_> = spoken.map(|seat| (seat.follower, seat.kind, seat.place.clone())).collect();
        let embeds = self.embedder.is_some();
        self.bridge
            .write_as(WriteKind::Upkeep, move |tx| {
                let now = chrono::Utc::now();
                for (id, kind, place) in &alive {
                    followers::seen(tx.conn(), *id, kind, place, now)?;
                }
                if embeds {
                    followers::seen(tx.conn(), EMBEDDER, "embedder", "", now)?;
                }
                Ok(())
            })
            .await
    }

    /// Gives the configured model to the generations that have none.
    async fn pin_model(&self) -> Result<(), ServiceError> {
        let Some(embedder) = &self.embedder else { return Ok(()) };
        let spec = embedder.spec().clone();
        let generations = self.bridge.read(collections::generations).await?;
        for generation in &generations {
            match &generation.model {
                None => tracing::info!(generation = %generation.id, model = spec.name, "a generation takes the configured embedding model"),
                Some(model) if model.spec != spec => tracing::warn!(
                    generation = %generation.id,
                    pinned = model.spec.name,
                    configured = spec.name,
                    "a generation is pinned to another embedding model: it is searched by words only"
                ),
                Some(_) => {}
            }
        }
        let unpinned: Vec<_> = generations.iter().filter(|generation| generation.model.is_none()).map(|generation| generation.id).collect();
        if unpinned.is_empty() {
            return Ok(());
        }
        self.bridge
            .write(move |tx| {
                let model = collections::ensure_model(tx.conn(), &spec, chrono::Utc::now())?;
                for generation in unpinned {
                    collections::pin_model(tx.conn(), generation, model.id)?;
                }
                Ok(())
            })
            .await
    }

    /// Tells the followers of this process that the log has grown.
    pub fn wake(&self) {
        self.written.notify_waiters();
    }

    /// Brings everything that this process may follow to the end of the log, and makes it durable. A model that fails keeps the indexes
    /// from nothing but what it has not embedded.
    ///
    /// # Errors
    /// [`ServiceError`] where the database, an engine or the model fails; what was done until then stays.
    pub async fn catch_up(&self) -> Result<(), ServiceError> {
        let passed = self.passes().await;
        self.flush().await?;
        passed.lexical?;
        passed.vectors?;
        passed.embedder.map(drop)
    }

    /// One pass of each: words beside vectors, which come after the embedder.
    pub(crate) async fn passes(&self) -> Passed {
        let vectors = async { (self.embed_pass().await, self.vectors_pass().await) };
        let (lexical, (embedder, vectors)) = tokio::join!(self.lexical_pass(), vectors);
        Passed { lexical, embedder, vectors }
    }

    /// Makes the vector index durable; one outside this process is so with every commit.
    pub(crate) async fn flush(&self) -> Result<(), ServiceError> {
        if self.vectors_seat.role() != Some(Role::Holder) {
            return Ok(());
        }
        let _turn = self.turns.vectors.lock().await;
        for generation in self.bridge.read(collections::generations).await? {
            if generation.model.is_none() {
                continue;
            }
            // What is durable after a flush is all that was committed.
            if let Some(durable) = self.vectors.flush(&generation).await? {
                self.publish(&self.vectors_seat, &generation, durable, durable.seq).await?;
            }
        }
        Ok(())
    }
}
