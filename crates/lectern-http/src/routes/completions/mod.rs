//! `/api/v1`: OpenAI's API. Chat completions are read and may be augmented; the paths that the settings list are passed on.

mod call;
mod chat;
mod embeddings;
mod models;
mod passed;
mod path;
mod reply;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_service::{ServiceError, llm::EXTRACTIVE_MODEL};
use serde_json::{Value, json};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let unknown = || ServiceError::ModelNotFound("nobody".to_owned());
    vec![
        Endpoint::at("/api/v1/models").route(
            Method::GET,
            models::list,
            Doc::new("The models that there are, in OpenAI's shape").answer(json!({ "object": "list", "data": [models::example()] })),
        ),
        Endpoint::at("/api/v1/models/{model}").matching("/api/v1/models/{model:.+}").route(
            Method::GET,
            models::get,
            Doc::new("A model, whose name may hold slashes")
                .answer(models::example())
                .status(404, "There is no such model; the error has OpenAI's shape"),
        ),
        Endpoint::at("/api/v1/chat/completions").route(
            Method::POST,
            chat::post,
            Doc::new("A chat completion, streamed or not, as OpenAI's API has it; `rag` puts passages before the question")
                .body(json!({ "model": EXTRACTIVE_MODEL, "messages": [{ "role": "user", "content": "Combien coûte le vélo ?" }], "rag": { "mode": "rag" } }))
                .answer(completion())
                .refuses([unknown(), ServiceError::PromptTooLarge])
                .status(422, "A parameter is wrong; the error has OpenAI's shape: `{\"error\": {\"message\", \"type\", \"param\", \"code\"}}`")
                .status(500, "The endpoint cannot be reached; its own errors come with their status, in `detail`"),
        ),
        // After the others, since it matches all of them.
        Endpoint::at("/api/v1/{path}")
            .matching("/api/v1/{path:.*}")
            .route(
                Method::POST,
                passed::post,
                Doc::new("Passed on to the endpoint of the body's model: the paths of the setting `llm.passthrough`, by default `completions`, `embeddings`, `rerank`, `score` and `tokenize`")
                    .body(json!({ "model": "bge-m3", "input": ["Bonjour"] }))
                    .answer(json!({ "object": "list", "data": [] }))
                    .refuses([unknown()])
                    .status(404, "The path is not in the list")
                    .status(422, "A parameter is wrong; the error has OpenAI's shape")
                    .status(500, "The endpoint cannot be reached; its own errors come with their status, in `detail`"),
            )
            .otherwise(passed::other),
    ]
}

/// An answer.
fn completion() -> Value {
    let choice = json!({ "index": 0, "message": { "role": "assistant", "content": "Vingt euros par mois [1]." }, "finish_reason": "stop" });
    json!({
        "id": "chatcmpl-9b2f", "object": "chat.completion", "created": 1_795_000_000, "model": EXTRACTIVE_MODEL, "choices": [choice],
        "rag_context": [{ "strategy": "last", "references": ["6d1c2f0a-5b43-5f0e-9d0e-3f1f6f2f8b11"] }],
    })
}
