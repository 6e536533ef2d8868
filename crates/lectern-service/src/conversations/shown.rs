//! A stream as somebody is shown it.

use lectern_domain::{feedback::Feedback, ids::UserId, stream::Stream};
use lectern_persistence::{Conn, DbError, repo::feedbacks};

/// A stream, and the feedback that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownStream {
    /// The stream.
    pub stream: Stream,
    /// The viewer's own feedback, else the latest of anybody.
    pub feedback: Option<Feedback>,
}

impl ShownStream {
    /// One that nobody can have an opinion of yet.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, feedback: None }
    }
}

/// Adds their feedback to streams, in one query for all of them.
pub(super) fn show(conn: &mut Conn, viewer: UserId, streams: Vec<Stream>) -> Result<Vec<ShownStream>, DbError> {
    let ids: Vec<_> = streams.iter().map(|stream| stream.id).collect();
    let mut feedback = feedbacks::of_streams(conn, &ids, viewer)?;
    Ok(streams.into_iter().map(|stream| ShownStream { feedback: feedback.remove(&stream.id), stream }).collect())
}

/// The same for one.
pub(super) fn show_one(conn: &mut Conn, viewer: UserId, stream: Stream) -> Result<ShownStream, DbError> {
    let feedback = feedbacks::of_streams(conn, &[stream.id], viewer)?.remove(&stream.id);
    Ok(ShownStream { stream, feedback })
}
