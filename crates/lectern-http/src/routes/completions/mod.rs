//! `/api/v1`: OpenAI's API. Chat completions are read and may be augmented; the paths that the settings list are passed on.

mod call;
mod chat;
mod embeddings;
mod models;
mod passed;
mod path;
mod reply;

use super::Endpoint;
use crate::{
    docs::Doc,
    error::ApiError,
    openai::{OpenAiError, Wrong},
};
use actix_web::http::Method;
use lectern_service::{
    ServiceError,
    llm::{EXTRACTIVE_MODEL, LlmError},
};
use serde_json::{Value, json};

/// A streamed answer.
const STREAMED: &str = r#"data: {"id":"chatcmpl-9b2f","object":"chat.completion.chunk","created":1795000000,"model":"lectern-extractive","choices":[{"index":0,"delta":{"content":"Vingt euros"},"finish_reason":null}]}

data: [DONE]

"#;

/// The name of a model that makes vectors, for examples.
const EMBEDDINGS_MODEL: &str = "all-MiniLM-L6-v2";

pub(super) fn endpoints() -> Vec<Endpoint> {
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
                .errors([OpenAiError::new(Wrong::NoModel, "model", "nobody").into()]),
        ),
        Endpoint::at("/api/v1/chat/completions").route(
            Method::POST,
            chat::post,
            called(Doc::new(
                "A chat completion, streamed or not, as OpenAI's API has it; `rag` puts passages before the question, from `rag.collections` or the default collection, and the answer then ends with their ids",
            ))
            .body(json!({
                "model": EXTRACTIVE_MODEL, "messages": [{ "role": "user", "content": "Combien coûte le vélo ?" }], "temperature": 0.2,
                "stream": false, "rag": { "strategy": "last", "mode": "rag", "limit": 3 },
            }))
            .answer(completion())
            .shaped(chat::answer)
            .content("text/event-stream; charset=utf-8", STREAMED)
            .errors([
                OpenAiError::new(Wrong::Missing, "messages", "").into(),
                OpenAiError::new(Wrong::Type, "messages[0].role", "a string").into(),
                OpenAiError::new(Wrong::Value, "temperature", "it is at most 2").into(),
            ])
            .like_openai()
            .refuses([ServiceError::PromptTooLarge, ServiceError::UnknownCollection("docs".to_owned())]),
        ),
        Endpoint::at("/api/v1/embeddings")
            .route(
                Method::POST,
                passed::embed,
                called(Doc::new("Vectors of texts: of the model in this process, else passed on as the others in the setting `llm.passthrough` are"))
                    .body(json!({ "model": EMBEDDINGS_MODEL, "input": ["Bonjour"], "encoding_format": "float" }))
                    .answer(vectors())
                    .shaped(embeddings::answer_schema)
                    .errors([
                        OpenAiError::new(Wrong::Missing, "input", "").into(),
                        OpenAiError::new(Wrong::Type, "input", "a string or a list of strings").into(),
                        ApiError::NotFound,
                    ]),
            )
            .otherwise(passed::other),
        // After the others, since it matches all of them.
        Endpoint::at("/api/v1/{path}")
            .matching("/api/v1/{path:.*}")
            .route(
                Method::POST,
                passed::post,
                called(Doc::new("Passed on to the endpoint of the body's model: the paths of the setting `llm.passthrough`, by default `completions`, `embeddings`, `rerank`, `score` and `tokenize`"))
                    .body(json!({ "model": "bge-reranker", "query": "Bonjour", "documents": ["Au revoir"] }))
                    .answer(json!({ "results": [{ "index": 0, "relevance_score": 0.2 }] }))
                    .errors([OpenAiError::new(Wrong::Type, "model", "a string").into(), ApiError::NotFound]),
            )
            .otherwise(passed::other),
    ]
}

/// What may be said of every request that has a model.
fn called(doc: Doc) -> Doc {
    let unreachable = ServiceError::UpstreamFailed { said: "All connection attempts failed".to_owned(), source: LlmError::Cut };
    doc.errors([ApiError::NoCall("403: model parameter is required.".to_owned())])
        .refuses([ServiceError::ModelNotFound("nobody".to_owned()), unreachable])
        .otherwise(
            "The model's endpoint refused the request: its status, and what it said",
            json!({ "detail": { "error": { "message": "This model's maximum context length is 8192 tokens" } } }),
        )
}

/// An answer.
fn completion() -> Value {
    let choice = json!({ "index": 0, "message": { "role": "assistant", "content": "Vingt euros par mois [1]." }, "finish_reason": "stop" });
    json!({
        "id": "chatcmpl-9b2f", "object": "chat.completion", "created": 1_795_000_000, "model": EXTRACTIVE_MODEL, "choices": [choice],
        "rag_context": [{ "strategy": "last", "references": ["6d1c2f0a-5b43-5f0e-9d0e-3f1f6f2f8b11"] }],
    })
}

/// Vectors, of fewer components than real ones have.
fn vectors() -> Value {
    json!({
        "object": "list", "data": [{ "object": "embedding", "index": 0, "embedding": [0.6, -0.8] }], "model": EMBEDDINGS_MODEL,
        "usage": { "prompt_tokens": 3, "total_tokens": 3 },
    })
}
