//! Giving an opinion.

use crate::{ServiceError, accounts::Caller, app::App, conversations::permitted};
use lectern_domain::{
    access::may_rate_stream,
    feedback::{Feedback, NewFeedback},
    ids::StreamId,
};
use lectern_persistence::{DbError, repo::feedbacks};

/// Keeps the caller's opinion of a stream's answer; an earlier one of theirs is changed where something new is given.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn add(app: &App, caller: &Caller, stream: StreamId, feedback: NewFeedback) -> Result<Feedback, ServiceError> {
    let (who, user) = (caller.principal(), caller.user.id);
    app.bridge
        .write(move |tx| {
            permitted::stream(tx.conn(), who, stream, may_rate_stream)?;
            match feedbacks::upsert(tx.conn(), user, stream, &feedback) {
                // Deleted since it was read.
                Err(DbError::ForeignKeyViolation { .. }) => Err(ServiceError::StreamNotFound),
                kept => Ok(kept?),
            }
        })
        .await
}
