//! A chat completion, streamed or not, with or without retrieval.

use super::{
    Around, Rag, Reply, Target,
    augment::augment,
    built_in,
    context::{append, before_done},
    target::Place,
    upstream::{failed, reply},
};
use crate::{ServiceError, accounts::Caller, app::App};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::Invalid;
use lectern_llm::{
    ChatRequest,
    openai::{Endpoints, Forward, ModelKind},
};
use serde_json::{Map, Value, json};

/// A message as far as this server needs to understand it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub role: String,
    /// What is said, where it is plain text.
    pub text: Option<String>,
}

/// A chat completion that is wanted. What the endpoint is sent is `body`; the rest is what this server reads in it.
#[derive(Debug, Clone)]
pub struct ChatCall {
    /// The body, of known fields alone.
    pub body: Map<String, Value>,
    /// Its messages.
    pub turns: Vec<Turn>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The temperature, where the caller chose one.
    pub temperature: Option<f64>,
    /// How the question is to be augmented.
    pub rag: Option<Rag>,
}

/// Asks the model. Everything that can be refused is refused before the first byte of the answer.
///
/// # Errors
/// What retrieval can be refused for, with [`ServiceError::Invalid`] for a model that does not write text; [`ServiceError::Upstream`] and
/// [`ServiceError::UpstreamFailed`].
pub async fn chat(app: &App, caller: &Caller, target: Target, call: ChatCall, around: Around) -> Result<Reply, ServiceError> {
    match target.place {
        Place::Endpoints(endpoints, kind) => through_endpoints(app, caller, &target.model, (endpoints, kind), call, around).await,
        Place::BuiltIn(model) => {
            let (stream, name) = (call.stream, target.model);
            let (request, degraded) = match call.rag {
                Some(rag) => {
                    let prepared = augment(app, caller, &name, &call.turns, call.temperature, rag).await?;
                    (prepared.request, prepared.degraded)
                }
                None => (plain(&name, &call.turns), None),
            };
            Ok(Reply { degraded, ..built_in::chat(&*model, name, request, stream).await? })
        }
    }
}

async fn through_endpoints(
    app: &App,
    caller: &Caller,
    model: &str,
    (endpoints, kind): (Endpoints, ModelKind),
    mut call: ChatCall,
    around: Around,
) -> Result<Reply, ServiceError> {
    let (mut references, mut degraded) = (Vec::new(), None);
    if let Some(rag) = call.rag {
        if kind != ModelKind::Text {
            return Err(Invalid::new("model", "rag needs a model that writes text").into());
        }
        let prepared = augment(app, caller, model, &call.turns, call.temperature, rag).await?;
        degraded = prepared.degraded;
        let request = prepared.request;
        references = references_of(&request);
        call.body.insert("messages".to_owned(), json!(request.messages));
        call.body.insert("temperature".to_owned(), json!(request.temperature));
    }
    let body = serde_json::to_vec(&call.body).map_err(|error| ServiceError::internal("writing a request", error))?;
    let request = Forward { path: "chat/completions", query: around.query.as_deref(), headers: &around.headers, body: body.into() };
    let reply = Reply { degraded, ..endpoints.forward(request).await.map(reply).map_err(failed)? };
    if references.is_empty() { Ok(reply) } else { with_references(reply, model, references).await }
}

/// The ids of the passages that the model is given.
pub(super) fn references_of(request: &ChatRequest) -> Vec<String> {
    request.passages.iter().map(|passage| passage.chunk.to_string()).collect()
}

/// Adds the references at the answer's end.
pub(super) async fn with_references(reply: Reply, model: &str, references: Vec<String>) -> Result<Reply, ServiceError> {
    if reply.is_event_stream {
        return Ok(Reply { body: before_done(reply.body, model, references), ..reply });
    }
    let mut whole = Vec::new();
    let mut parts = reply.body;
    while let Some(part) = parts.try_next().await.map_err(failed)? {
        whole.extend_from_slice(&part);
    }
    let whole = append(whole, references).map_err(failed)?;
    Ok(Reply { body: stream::iter([Ok(Bytes::from(whole))]).boxed(), ..reply })
}

/// What a model in this process is asked where nothing is retrieved.
fn plain(model: &str, turns: &[Turn]) -> ChatRequest {
    let last = turns.iter().rfind(|turn| turn.role == "user").and_then(|turn| turn.text.clone());
    ChatRequest {
        model: model.to_owned(),
        messages: Vec::new(),
        temperature: 0.0,
        question: last.unwrap_or_default(),
        passages: Vec::new(),
    }
}
