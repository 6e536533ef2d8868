//! Streams: questions, and their answers.

mod create;
mod get;
mod list;
mod start;
mod stop;
mod view;

pub(crate) use create::{SOURCES, Source};
pub(super) use view::{StreamView, example};

use super::Endpoint;
use crate::docs::Doc;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::StreamId;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/stream").route(
            Method::POST,
            create::post,
            Doc::new("Keeps a question, to be answered when it is started, from `collections` or the default one")
                .body(json!({ "model_name": "lectern-extractive", "query": "Combien coûte la location d'un vélo ?", "mode": "rag" }))
                .answer(view::example())
                .refuses([ServiceError::UnknownCollection("docs".to_owned())]),
        ),
        Endpoint::at("/api/v2/stream/chat/{chat_id}").route(
            Method::POST,
            create::post_in_chat,
            Doc::new("Keeps a question in a chat of the caller's")
                .body(json!({ "model_name": "lectern-extractive", "query": "Et pour un an ?", "with_history": true }))
                .answer(view::example())
                .refuses([ServiceError::ChatNotFound, ServiceError::Forbidden, ServiceError::UnknownCollection("docs".to_owned())]),
        ),
        Endpoint::at("/api/v2/streams").route(Method::GET, list::get, Doc::new("The caller's streams").answer(json!([view::example()]))),
        Endpoint::at("/api/v2/stream/{stream_id}").route(
            Method::GET,
            get::get,
            Doc::new("A stream, for its owner, the owner of its chat or an administrator").answer(view::example()).refuses([ServiceError::StreamNotFound, ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/stream/{stream_id}/start").route(
            Method::GET,
            start::get,
            Doc::new("Answers the question, as server-sent events; a model that fails later cuts the answer")
                .content(
                    "text/event-stream; charset=utf-8",
                    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Vingt\"}}]}\n\ndata: [DONE]\n\n",
                )
                .refuses([ServiceError::StreamNotFound, ServiceError::Forbidden])
                .refuses([ServiceError::HistoryWithoutChat, ServiceError::PromptTooLarge, ServiceError::EmptyQuery])
                .refuses([ServiceError::UnknownModel("m".to_owned()), ServiceError::UnknownMode("m".to_owned())])
                .refuses([ServiceError::UnknownPostprocessing("p".to_owned()), ServiceError::UnknownCollection("docs".to_owned())]),
        ),
        Endpoint::at("/api/v2/stream/{stream_id}/stop").route(
            Method::POST,
            stop::post,
            Doc::new("Stops the answer, wherever it is being written; what was written is kept")
                .answer(view::example())
                .refuses([ServiceError::StreamNotFound, ServiceError::Forbidden]),
        ),
    ]
}

/// A path with a stream's id.
pub(super) struct StreamPath {
    /// The stream.
    pub(super) stream_id: StreamId,
}

impl FromFields for StreamPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { stream_id: fields.required("stream_id")? })
    }
}
