//! Chat completions.

use super::{OpenAiClient, body};
use crate::{ByteStream, ChatModel, ChatRequest, LlmError, ModelFuture};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// Chat models behind an endpoint. One value serves all of them: a request names its model.
#[derive(Debug, Clone)]
pub struct OpenAiChat {
    client: OpenAiClient,
}

impl OpenAiChat {
    /// The chat models of an endpoint.
    pub fn new(client: OpenAiClient) -> Self {
        Self { client }
    }
}

/// The body of a request: these fields, in this order, and no others.
fn request_body(request: &ChatRequest, stream: bool) -> Value {
    json!({ "temperature": request.temperature, "messages": request.messages, "model": request.model, "stream": stream })
}

impl ChatModel for OpenAiChat {
    fn stream(&self, request: ChatRequest) -> ModelFuture<'_, ByteStream> {
        Box::pin(async move {
            let accepted = self.client.send(Method::POST, "chat/completions", Some(&request_body(&request, true))).await?;
            Ok(body::stream(accepted, &self.client.client.options))
        })
    }

    fn complete(&self, request: ChatRequest) -> ModelFuture<'_, String> {
        Box::pin(async move {
            let accepted = self.client.send(Method::POST, "chat/completions", Some(&request_body(&request, false))).await?;
            let body = body::read(accepted, &self.client.client.options).await?;
            text_of(&body)
        })
    }
}

/// The text of an answer that was not streamed: `choices[0].message.content`.
fn text_of(body: &[u8]) -> Result<String, LlmError> {
    #[derive(Deserialize)]
    struct Completion {
        choices: Vec<Choice>,
    }
    #[derive(Deserialize)]
    struct Choice {
        message: Answer,
    }
    #[derive(Deserialize)]
    struct Answer {
        content: Option<String>,
    }
    let completion: Completion =
        serde_json::from_slice(body).map_err(|error| LlmError::Protocol(format!("not a chat completion ({error})")))?;
    let first = completion.choices.into_iter().next();
    first.and_then(|choice| choice.message.content).ok_or_else(|| LlmError::Protocol("a chat completion without content".to_owned()))
}
