//! One stream.

use super::{
    permitted,
    shown::{ShownStream, show_one},
};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_stream, ids::StreamId};

/// The stream, for who may read it.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn get_stream(app: &App, caller: &Caller, id: StreamId) -> Result<ShownStream, ServiceError> {
    let (who, viewer) = (caller.principal(), caller.user.id);
    app.bridge
        .read(move |conn| {
            let stream = permitted::stream(conn, who, id, may_read_stream)?;
            Ok(show_one(conn, viewer, stream)?)
        })
        .await
}
