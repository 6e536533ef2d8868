//! Chat completions.

use super::{Endpoints, body, send::Call};
use crate::{ByteStream, ChatModel, ChatRequest, LlmError, ModelFuture};
use serde::Deserialize;
use serde_json::{Value, json};

/// The path below an endpoint's address.
const PATH: &str = "chat/completions";

/// Chat models behind one or several endpoints. One value serves all of them: a request names its model.
#[derive(Debug, Clone)]
pub struct OpenAiChat {
    endpoints: Endpoints,
}

impl OpenAiChat {
    /// The chat models that all of these endpoints serve.
    pub fn new(endpoints: impl Into<Endpoints>) -> Self {
        Self { endpoints: endpoints.into() }
    }
}

/// The body of a request: these fields, in this order, and no others.
fn request_body(request: &ChatRequest, stream: bool) -> Value {
    json!({ "temperature": request.temperature, "messages": request.messages, "model": request.model, "stream": stream })
}

impl ChatModel for OpenAiChat {
    fn stream(&self, request: ChatRequest) -> ModelFuture<'_, ByteStream> {
        Box::pin(async move {
            let accepted = self.endpoints.send(Call::post(PATH, &request_body(&request, true))?).await?;
            Ok(body::stream(accepted, self.endpoints.options()))
        })
    }

    fn complete(&self, request: ChatRequest) -> ModelFuture<'_, String> {
        Box::pin(async move {
            let accepted = self.endpoints.send(Call::post(PATH, &request_body(&request, false))?).await?;
            let body = body::read(accepted, self.endpoints.options()).await?;
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
