//! Running a model on behalf of a stream: its bytes go to the reader as they come, its text is kept.

use super::kept::frame;
use crate::{ServiceError, app::App, lifecycle::Lifecycle};
use bytes::Bytes;
use futures_util::StreamExt as _;
use lectern_domain::ids::StreamId;
use lectern_llm::{
    ChatModel, ChatRequest, LlmError,
    sse::{SseDecoder, content_delta},
};
use lectern_persistence::{
    DbError,
    repo::streams::{self, Finished},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The parts of an answer that wait for a slow reader; then the model waits too.
const PARTS: usize = 32;

/// Starts a task that runs the model, and returns what it says, byte for byte. The task goes on until the model ends or fails or the
/// reader is gone; whatever was said until then is kept.
pub(super) fn relay(
    app: Arc<App>,
    stream: StreamId,
    model: Arc<dyn ChatModel>,
    request: ChatRequest,
) -> mpsc::Receiver<Result<Bytes, LlmError>> {
    let (parts, reader) = mpsc::channel(PARTS);
    let lifecycle = app.lifecycle.clone();
    lifecycle.spawn(async move {
        let sources = request.passages.iter().map(|passage| passage.chunk.to_string()).collect();
        let prompt = frame(&request.messages);
        let mut text = String::new();
        let ended = run(&*model, request, &parts, &mut text, &app.lifecycle).await;
        // Before the reader learns that it is over: whoever looks then finds the answer.
        if let Err(error) = keep(&app, stream, text, prompt, sources).await {
            tracing::error!(stream = %stream, error = &error as &dyn std::error::Error, "an answer could not be kept");
        }
        if let Err(error) = ended {
            tracing::warn!(stream = %stream, error = &error as &dyn std::error::Error, "the model failed; what it said until then is kept");
            // The reader may be gone: then nobody needs to know.
            let _ = parts.send(Err(error)).await;
        }
    });
    reader
}

/// Passes on what the model says and collects its text, until it ends or the reader is gone.
async fn run(
    model: &dyn ChatModel,
    request: ChatRequest,
    parts: &mpsc::Sender<Result<Bytes, LlmError>>,
    text: &mut String,
    lifecycle: &Lifecycle,
) -> Result<(), LlmError> {
    let said = async {
        let mut bytes = model.stream(request).await?;
        let mut decoder = SseDecoder::new();
        while let Some(part) = bytes.next().await {
            let part = part?;
            for event in decoder.push(&part)? {
                text.extend(content_delta(&event));
            }
            if parts.send(Ok(part)).await.is_err() {
                return Ok(());
            }
        }
        text.extend(decoder.finish().as_ref().and_then(content_delta));
        Ok(())
    };
    tokio::select! {
        ended = said => ended,
        // Dropping the model's stream cancels its request.
        () = parts.closed() => Ok(()),
        () = lifecycle.until_cut() => Err(LlmError::Cut),
    }
}

async fn keep(
    app: &App,
    stream: StreamId,
    text: String,
    prompt: std::io::Result<Vec<u8>>,
    rag_sources: Vec<String>,
) -> Result<(), ServiceError> {
    let prompt = prompt.map_err(|error| ServiceError::internal("compressing a prompt", error))?;
    let finished = Finished { response: text.trim().to_owned(), prompt, rag_sources };
    app.bridge.write::<_, DbError>(move |tx| streams::finish(tx.conn(), stream, finished)).await?;
    Ok(())
}
