//! Giving an opinion.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{
    access::may_rate_stream,
    feedback::{Feedback, NewFeedback},
    ids::StreamId,
};
use lectern_persistence::{
    DbError,
    repo::{feedbacks, streams},
};

/// Keeps the caller's opinion of a stream's answer; an earlier one of theirs is changed where something new is given.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn add(app: &App, caller: &Caller, stream: StreamId, feedback: NewFeedback) -> Result<Feedback, ServiceError> {
    let (who, user) = (caller.principal(), caller.user.id);
    app.bridge
        .write(move |tx| {
            let (found, chat_owner) = streams::find(tx.conn(), stream)?.ok_or(ServiceError::StreamNotFound)?;
            if !may_rate_stream(who, &found, chat_owner) {
                return Err(ServiceError::Forbidden);
            }
            match feedbacks::upsert(tx.conn(), user, stream, &feedback) {
                // Deleted since it was read.
                Err(DbError::ForeignKeyViolation { .. }) => Err(ServiceError::StreamNotFound),
                kept => Ok(kept?),
            }
        })
        .await
}
