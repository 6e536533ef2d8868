//! Taking an opinion back.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_delete_feedback, feedback::Feedback, ids::FeedbackId};
use lectern_persistence::repo::feedbacks;

/// Deletes the caller's own feedback and returns it as it was.
///
/// # Errors
/// [`ServiceError::FeedbackNotFound`], then [`ServiceError::Forbidden`].
pub async fn delete(app: &App, caller: &Caller, id: FeedbackId) -> Result<Feedback, ServiceError> {
    let who = caller.principal();
    app.bridge
        .write(move |tx| {
            let feedback = feedbacks::find(tx.conn(), id)?.ok_or(ServiceError::FeedbackNotFound)?;
            if !may_delete_feedback(who, &feedback) {
                return Err(ServiceError::Forbidden);
            }
            feedbacks::delete(tx.conn(), id)?;
            Ok(feedback)
        })
        .await
}
