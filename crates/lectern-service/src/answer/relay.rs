//! Running a model on behalf of a stream: what it says goes to the reader as it comes, its text is kept.

use super::{kept::frame, output::Output, runs::Run};
use crate::{ServiceError, app::App};
use bytes::Bytes;
use futures_util::StreamExt as _;
use lectern_llm::{ChatModel, ChatRequest, LlmError};
use lectern_persistence::repo::runs::Finished;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// The parts of an answer that wait for a slow reader; then the model waits too.
const PARTS: usize = 32;

/// How long a slow reader gets for the last part.
const LAST_PART: Duration = Duration::from_secs(5);

/// How an answer ended.
enum Ended {
    /// The model has said everything.
    Whole,
    /// The reader is gone, or somebody stopped it.
    Unwanted,
    Failed(LlmError),
}

/// Starts a task that runs the model, and returns what is to be sent. The task goes on until the model ends or fails, the reader is
/// gone, or the run is cancelled; whatever was said until then is kept. An answer that fails or is given up before its first word leaves
/// the stream as it was.
pub(super) fn relay(
    app: Arc<App>,
    run: Run,
    model: Arc<dyn ChatModel>,
    request: ChatRequest,
    mut output: Output,
) -> mpsc::Receiver<Result<Bytes, LlmError>> {
    let (parts, reader) = mpsc::channel(PARTS);
    let lifecycle = app.lifecycle.clone();
    lifecycle.spawn(async move {
        let sources = request.passages.iter().map(|passage| passage.chunk.to_string()).collect();
        let prompt = frame(&request.messages);
        let ended = tokio::select! {
            // A stop is noticed before another part is taken.
            biased;
            () = run.cancelled() => Ended::Unwanted,
            // Dropping the model's stream cancels its request.
            () = parts.closed() => Ended::Unwanted,
            () = app.lifecycle.until_cut() => Ended::Failed(LlmError::Cut),
            said = say(&*model, request, &parts, &mut output) => said.map_or_else(Ended::Failed, |()| Ended::Whole),
        };
        if let Some(rest) = output.finish() {
            // A reader that is gone, or slower than that, does without.
            let _ = timeout(LAST_PART, parts.send(Ok(rest))).await;
        }
        let text = output.into_text();
        let finished = matches!(ended, Ended::Whole) || !text.is_empty();
        // Before the reader learns that it is over: whoever looks then finds the answer.
        if let Err(error) = keep(&run, finished.then_some(text), prompt, sources).await {
            tracing::error!(stream = %run.stream, error = &error as &dyn std::error::Error, "an answer could not be kept");
        }
        if let Ended::Failed(error) = ended {
            tracing::warn!(stream = %run.stream, error = &error as &dyn std::error::Error, "the model failed; what it said until then is kept");
            // The reader may be gone: then nobody needs to know.
            let _ = timeout(LAST_PART, parts.send(Err(error))).await;
        }
    });
    reader
}

/// Passes on what the model says, until it ends or the reader is gone.
async fn say(
    model: &dyn ChatModel,
    request: ChatRequest,
    parts: &mpsc::Sender<Result<Bytes, LlmError>>,
    output: &mut Output,
) -> Result<(), LlmError> {
    let mut bytes = model.stream(request).await?;
    while let Some(part) = bytes.next().await {
        if let Some(part) = output.push(part?)?
            && parts.send(Ok(part)).await.is_err()
        {
            return Ok(());
        }
    }
    Ok(())
}

async fn keep(run: &Run, text: Option<String>, prompt: std::io::Result<Vec<u8>>, rag_sources: Vec<String>) -> Result<(), ServiceError> {
    let finished = match text {
        Some(response) => {
            let prompt = prompt.map_err(|error| ServiceError::internal("compressing a prompt", error))?;
            Some(Finished { response, prompt, rag_sources })
        }
        None => None,
    };
    if !run.end(finished).await? {
        tracing::debug!(stream = %run.stream, "another run took the place of this one, or the stream is gone: nothing is kept");
    }
    Ok(())
}
