//! Where a follower stands, and how others are told.

use super::{Followers, Seat};
use crate::ServiceError;
use lectern_domain::{
    change::Cursor,
    collection::Generation,
    ids::{EntryId, FollowerId},
};
use lectern_persistence::{
    Tx, WriteKind,
    repo::followers::{self, Published},
};
use uuid::Uuid;

/// The place before the first entry of a log. It stands for a log that was empty: where that is no longer so, an index that stands here is
/// filled anew, since nobody knows what was trimmed meanwhile.
pub(crate) const START: Cursor = Cursor { seq: 0, entry: EntryId(Uuid::nil()) };

impl Followers {
    /// Tells the other processes, and whoever trims the log, how far an index has come.
    pub(crate) async fn publish(&self, seat: &Seat, generation: &Generation, cursor: Cursor, durable_seq: i64) -> Result<(), ServiceError> {
        let (follower, kind, place) = (seat.follower, seat.kind, seat.place.clone());
        let published = Published { engine: seat.engine, generation: generation.id, cursor, durable_seq };
        self.bridge.write_as(WriteKind::Upkeep, move |tx| publish(tx, follower, kind, &place, published)).await
    }

    /// Says that an index stands where it stands, if that is not what was published last: a follower that was forgotten comes back.
    pub(crate) async fn confirm(&self, seat: &Seat, generation: &Generation, cursor: Cursor) -> Result<(), ServiceError> {
        let (follower, engine, id) = (seat.follower, seat.engine, generation.id);
        let told = self.bridge.read(move |conn| followers::cursor(conn, follower, engine, id)).await?;
        if told == Some(cursor) {
            return Ok(());
        }
        // What is durable of an index in this process is not known here: the next commit tells, and until then the log is kept.
        let durable = if seat.role().is_some() { 0 } else { cursor.seq };
        self.publish(seat, generation, cursor, durable).await
    }
}

/// Publishes a cursor. Who publishes is alive, and known again should it have been forgotten.
pub(crate) fn publish(tx: &mut Tx<'_>, follower: FollowerId, kind: &str, place: &str, at: Published) -> Result<(), ServiceError> {
    let now = chrono::Utc::now();
    followers::seen(tx.conn(), follower, kind, place, now)?;
    followers::publish(tx.conn(), follower, at, now)?;
    Ok(())
}
