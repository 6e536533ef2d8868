//! One stream.

use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_stream, ids::StreamId, stream::Stream};
use lectern_persistence::{DbError, repo::streams};

/// The stream, for who may read it.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn get_stream(app: &App, caller: &Caller, id: StreamId) -> Result<Stream, ServiceError> {
    let found = app.bridge.read::<_, DbError>(move |c| streams::find(c, id)).await?;
    let (stream, chat_owner) = found.ok_or(ServiceError::StreamNotFound)?;
    if may_read_stream(caller.principal(), &stream, chat_owner) { Ok(stream) } else { Err(ServiceError::Forbidden) }
}
