//! Where a follower stands, and whether that is a place in this database's log.

use super::Followers;
use crate::ServiceError;
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{EntryId, GenerationId},
};
use lectern_persistence::repo::{
    changes,
    followers::{self, Engine, Published},
};
use lectern_vector_store::Position;
use std::{collections::HashMap, sync::Mutex};
use uuid::Uuid;

/// The place before the first entry of a log.
pub(crate) const START: Cursor = Cursor { seq: 0, entry: EntryId(Uuid::nil()) };

/// The cursors that this process has checked against the log, or has set itself.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<(Engine, GenerationId), Cursor>>);

impl Known {
    pub(crate) fn set(&self, engine: Engine, generation: GenerationId, cursor: Cursor) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert((engine, generation), cursor);
    }

    fn is(&self, engine: Engine, generation: GenerationId, cursor: Cursor) -> bool {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&(engine, generation)) == Some(&cursor)
    }
}

impl Followers {
    /// The cursor to go on from, or none where the index must be filled from the tables: it is empty, or its cursor's entry is not
    /// in this log (after a restore, a failover, or another database on the same folder).
    pub(crate) async fn place(&self, engine: Engine, generation: &Generation, position: Position) -> Result<Option<Cursor>, ServiceError> {
        let Position::At(cursor) = position else { return Ok(None) };
        if self.known.is(engine, generation.id, cursor) {
            return Ok(Some(cursor));
        }
        if cursor != START && self.bridge.read(move |conn| changes::contains(conn, cursor)).await? {
            self.known.set(engine, generation.id, cursor);
            return Ok(Some(cursor));
        }
        tracing::info!(engine = engine.as_str(), generation = %generation.id, "the index's place is not in this log: filling it from the tables");
        Ok(None)
    }

    /// Tells the other processes, and whoever trims the log, how far an engine of this folder has come.
    pub(crate) async fn publish(
        &self,
        engine: Engine,
        generation: &Generation,
        cursor: Cursor,
        durable_seq: i64,
    ) -> Result<(), ServiceError> {
        self.known.set(engine, generation.id, cursor);
        let (follower, published) = (self.folder.follower_id(), Published { engine, generation: generation.id, cursor, durable_seq });
        self.bridge.write(move |tx| followers::publish(tx.conn(), follower, published, chrono::Utc::now())).await?;
        Ok(())
    }
}
