//! One stream.

use super::shown::{ShownStream, show_one};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_stream, ids::StreamId};
use lectern_persistence::repo::streams;

/// The stream, for who may read it.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn get_stream(app: &App, caller: &Caller, id: StreamId) -> Result<ShownStream, ServiceError> {
    let (who, viewer) = (caller.principal(), caller.user.id);
    app.bridge
        .read(move |conn| {
            let (stream, chat_owner) = streams::find(conn, id)?.ok_or(ServiceError::StreamNotFound)?;
            if !may_read_stream(who, &stream, chat_owner) {
                return Err(ServiceError::Forbidden);
            }
            Ok(show_one(conn, viewer, stream)?)
        })
        .await
}
