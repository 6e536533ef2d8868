//! Where a follower stands, and how others are told.

use super::Followers;
use crate::ServiceError;
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{EntryId, FollowerId},
};
use lectern_persistence::{
    Tx, WriteKind,
    repo::followers::{self, Engine, Published},
};
use lectern_vector_store::Position;
use uuid::Uuid;

/// The place before the first entry of a log. It stands for a log that was empty: where that is no longer so, an index that stands here is
/// filled anew, since nobody knows what was trimmed meanwhile.
pub(crate) const START: Cursor = Cursor { seq: 0, entry: EntryId(Uuid::nil()) };

/// The place of an index, if it has one.
pub(crate) fn place(position: Position) -> Option<Cursor> {
    match position {
        Position::At(cursor) => Some(cursor),
        Position::Empty => None,
    }
}

impl Followers {
    /// Tells the other processes, and whoever trims the log, how far an engine of this folder has come.
    pub(crate) async fn publish(
        &self,
        engine: Engine,
        generation: &Generation,
        cursor: Cursor,
        durable_seq: i64,
    ) -> Result<(), ServiceError> {
        let (folder, path) = (self.folder.follower_id(), self.path());
        let published = Published { engine, generation: generation.id, cursor, durable_seq };
        self.bridge.write_as(WriteKind::Upkeep, move |tx| publish(tx, folder, "embedded", &path, published)).await
    }

    /// Says that an engine stands where it stands, if that is not what was published last: a follower that was forgotten comes back.
    pub(crate) async fn confirm(&self, engine: Engine, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let (folder, id) = (self.folder.follower_id(), generation.id);
        let told = self.bridge.read(move |conn| followers::cursor(conn, folder, engine, id)).await?;
        if told == Some(cursor) {
            return Ok(());
        }
        // What is durable of it is not known here: the next commit tells, and until then the log is kept.
        self.publish(engine, generation, cursor, 0).await
    }

    pub(crate) fn path(&self) -> String {
        self.folder.path().display().to_string()
    }
}

/// Publishes a cursor. Who publishes is alive, and known again should it have been forgotten.
pub(crate) fn publish(tx: &mut Tx<'_>, follower: FollowerId, kind: &str, place: &str, at: Published) -> Result<(), ServiceError> {
    let now = chrono::Utc::now();
    followers::seen(tx.conn(), follower, kind, place, now)?;
    followers::publish(tx.conn(), follower, at, now)?;
    Ok(())
}
