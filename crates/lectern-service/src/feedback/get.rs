//! One opinion.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_feedback, feedback::Feedback, ids::FeedbackId};
use lectern_persistence::{DbError, repo::feedbacks};

/// The feedback, for its author and administrators.
///
/// # Errors
/// [`ServiceError::FeedbackNotFound`], then [`ServiceError::Forbidden`].
pub async fn get(app: &App, caller: &Caller, id: FeedbackId) -> Result<Feedback, ServiceError> {
    let found = app.bridge.read::<_, DbError>(move |conn| feedbacks::find(conn, id)).await?;
    let feedback = found.ok_or(ServiceError::FeedbackNotFound)?;
    if may_read_feedback(caller.principal(), &feedback) { Ok(feedback) } else { Err(ServiceError::Forbidden) }
}
