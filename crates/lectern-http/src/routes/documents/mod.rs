//! Documents and their chunks.

mod chunks;
mod create;
mod delete;
mod form;
mod get;
mod list;
mod sent;
mod view;

pub(super) use view::{ChunkView, example_chunk};

use super::Endpoint;
use crate::{
    docs::Doc,
    routes::jobs,
    validate::{Fields, FromFields},
};
use actix_web::http::Method;
use lectern_domain::ids::DocumentId;
use lectern_service::ServiceError;
use serde_json::json;
use std::time::Duration;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let unknown = || ServiceError::UnknownCollection("docs".to_owned());
    let list =
        |item: serde_json::Value, id: &str| json!({ "object": "list", "data": [item], "first_id": id, "last_id": id, "has_more": false });
    vec![
        Endpoint::at("/api/v1/documents")
            .route(
                Method::POST,
                create::post,
                Doc::new("Sends a document as JSON, or a file of documents (jsonl, md, txt, html) as a form whose last part is `file`; one whose `external_id` is there is replaced. A job takes it from there")
                    .like_openai()
                    .body(json!({
                        "collection": "documents", "external_id": "F9", "title": "Vélos", "url": "https://example.org/F9",
                        "source": "service-public", "metadata": { "year": 2026 }, "format": "markdown", "text": "# Louer\n\nVingt euros par an.",
                    }))
                    .answer(jobs::example())
                    .refuses([unknown(), ServiceError::Forbidden, ServiceError::UploadTooLarge { most: 64 << 20 }])
                    .refuses([ServiceError::TooMany { wait: Duration::from_secs(10) }])
                    .status(408, "The next bytes of a form did not come within a minute")
                    .status(415, "The request is neither JSON nor a form, or its file is none of jsonl, md, markdown, txt, html, htm"),
            )
            .route(
                Method::GET,
                list::get,
                Doc::new("The documents of a collection, or the one with an `external_id`")
                    .like_openai()
                    .answer(list(view::example(), "17"))
                    .refuses([unknown()]),
            ),
        Endpoint::at("/api/v1/documents/{document_id}")
            .route(
                Method::GET,
                get::get,
                Doc::new("What is known of a document but its text, with the number of its chunks")
                    .like_openai()
                    .answer(view::detailed_example())
                    .refuses([ServiceError::DocumentNotFound]),
            )
            .route(
                Method::DELETE,
                delete::delete,
                Doc::new("Deletes a document: a search that begins after the answer does not find it")
                    .like_openai()
                    .answer(json!({ "id": "17", "object": "document.deleted", "deleted": true }))
                    .refuses([ServiceError::DocumentNotFound, ServiceError::Forbidden]),
            ),
        Endpoint::at("/api/v1/documents/{document_id}/chunks").route(
            Method::GET,
            chunks::list,
            Doc::new("The chunks of a document, in their order")
                .like_openai()
                .answer(list(example_chunk(), view::CHUNK_ID))
                .refuses([ServiceError::DocumentNotFound]),
        ),
        Endpoint::at("/api/v1/chunks/{chunk_id}").route(
            Method::GET,
            chunks::get,
            Doc::new("A chunk by its id, as searches and answers name it")
                .like_openai()
                .answer(example_chunk())
                .refuses([ServiceError::ChunkNotFound]),
        ),
    ]
}

/// A path with a document's id.
pub(super) struct DocumentPath(String);

impl FromFields for DocumentPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("document_id").map(Self)
    }
}

impl DocumentPath {
    /// The document. What can be no id is an unknown one.
    fn id(&self) -> Result<DocumentId, ServiceError> {
        id(&self.0).ok_or(ServiceError::DocumentNotFound)
    }
}

/// The id that a text is.
fn id(text: &str) -> Option<DocumentId> {
    text.parse().ok().filter(|id: &i32| id.to_string() == text).map(DocumentId)
}
