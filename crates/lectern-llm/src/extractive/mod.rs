//! The built-in model: it writes nothing of its own, but answers with the sentences of the retrieved passages that bear on the question.
//!
//! It needs no weights and no network. [`answer`] is a pure function; [`ExtractiveModel`] streams its result as any other model does.

mod answer;
mod evidence;
mod expected;
mod messages;
mod sentences;
mod sse;
mod stop_words;
mod terms;

pub use answer::{Answer, answer};

use crate::{ByteStream, ChatModel, ChatRequest, ModelFuture};
use futures_util::{StreamExt, stream};
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The name of the built-in model.
pub const EXTRACTIVE_MODEL: &str = "lectern-extractive";

/// The built-in model.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtractiveModel;

impl ChatModel for ExtractiveModel {
    fn stream(&self, request: ChatRequest) -> ModelFuture<'_, ByteStream> {
        Box::pin(async move {
            let answer = answer(&request.question, &request.passages);
            let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
            let id = format!("chatcmpl-{}", Uuid::new_v4().simple());
            let events = sse::events(&id, created, EXTRACTIVE_MODEL, &answer.text);
            Ok(stream::iter(events).map(Ok).boxed())
        })
    }
}

#[cfg(test)]
mod tests;
