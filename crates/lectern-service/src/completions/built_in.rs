//! Chat completions of a model in this process.

use super::{
    Reply,
    chat::{references_of, with_references},
    upstream::failed,
};
use crate::ServiceError;
use bytes::Bytes;
use chrono::Utc;
use futures_util::{StreamExt as _, stream};
use lectern_llm::{ChatModel, ChatRequest};
use serde_json::json;
use uuid::Uuid;

/// Asks the model and puts what it says into the form that an endpoint would use.
pub(super) async fn chat(model: &dyn ChatModel, name: String, request: ChatRequest, streamed: bool) -> Result<Reply, ServiceError> {
    let references = references_of(&request);
    let reply = if streamed {
        let body = model.stream(request).await.map_err(failed)?;
        Reply { status: 200, headers: Vec::new(), is_event_stream: true, degraded: None, body }
    } else {
        let text = model.complete(request).await.map_err(failed)?;
        let choice = json!({ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" });
        let id = format!("chatcmpl-{}", Uuid::new_v4().simple());
        let whole = json!({
            "id": id, "object": "chat.completion", "created": Utc::now().timestamp(), "model": name, "choices": [choice]
        });
        let body = stream::iter([Ok(Bytes::from(whole.to_string()))]).boxed();
        Reply { status: 200, headers: vec![("content-type", "application/json".to_owned())], is_event_stream: false, degraded: None, body }
    };
    if references.is_empty() { Ok(reply) } else { with_references(reply, &name, references).await }
}
