//! Stop an answer that is being written.

use crate::{
    ServiceError,
    accounts::Caller,
    app::App,
    conversations::{ShownStream, get_stream, permitted},
};
use lectern_domain::{access::may_run_stream, ids::StreamId};
use lectern_persistence::{WriteKind, repo::runs};
use std::time::Duration;
use tokio::time::timeout;

/// How long the answer waits for what was written until then to be kept.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Stops the answer, wherever it is being written, and returns the stream: with what was written where this process wrote it. Another
/// process notices within its heartbeat. Nothing happens to a stream that is not running.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], then [`ServiceError::Forbidden`].
pub async fn stop(app: &App, caller: &Caller, id: StreamId) -> Result<ShownStream, ServiceError> {
    let who = caller.principal();
    app.bridge
        .write_as(WriteKind::Ending, move |tx| {
            permitted::stream(tx.conn(), who, id, may_run_stream)?;
            Ok::<_, ServiceError>(runs::stop(tx.conn(), id)?)
        })
        .await?;
    if let Some(mut ended) = app.runs.cancel(id) {
        // Closed is what it is waited for to be; late is no reason to fail.
        let _ = timeout(LAST_WORDS, ended.changed()).await;
    }
    get_stream(app, caller, id).await
}
