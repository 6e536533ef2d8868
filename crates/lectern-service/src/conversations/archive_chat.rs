//! A chat with everything in it.

use super::{
    permitted,
    shown::{ShownStream, show},
};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{access::may_read_chat, chat::Chat, ids::ChatId};
use lectern_persistence::repo::streams;

/// The chat with all of its streams, by id, for who may read it. Four queries, however many streams there are.
///
/// # Errors
/// [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`].
pub async fn archive_chat(app: &App, caller: &Caller, id: ChatId) -> Result<(Chat, Vec<ShownStream>), ServiceError> {
    let (who, viewer) = (caller.principal(), caller.user.id);
    app.bridge
        .read(move |conn| {
            let chat = permitted::chat(conn, who, id, may_read_chat)?;
            let streams = streams::of_chat(conn, id)?;
            Ok((chat, show(conn, viewer, streams)?))
        })
        .await
}
