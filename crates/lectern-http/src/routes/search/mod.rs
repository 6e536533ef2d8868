//! Searching, and reading single chunks and sheets.

mod index;
mod read;
mod view;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/indexes").route(
            Method::POST,
            index::post,
            Doc::new("Searches chunks, sheets or experiences")
                .body(json!({ "name": "chunks", "query": "louer un vélo", "limit": 1 }))
                .answer(json!([view::example_chunk()]))
                .refuses([ServiceError::StreamNotFound, ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/get_chunk/{uid}").route(
            Method::GET,
            read::chunk,
            Doc::new("A chunk by its hash; `{}` where there is none that the caller may read").answer(view::example_chunk()),
        ),
        Endpoint::at("/api/v2/get_chunks").route(
            Method::POST,
            read::chunks,
            Doc::new("Chunks by their hashes; `{}` for those that there are not").body(json!({ "uids": ["unknown"] })).answer(json!([{}])),
        ),
        Endpoint::at("/api/v2/get_sheet/{uid}").route(
            Method::GET,
            read::sheet,
            Doc::new("A sheet by its `sid`; `{}` where there is none that the caller may read").answer(view::example_sheet()),
        ),
        Endpoint::at("/api/v2/get_sheets").route(
            Method::POST,
            read::sheets,
            Doc::new("Sheets by their `sid`s; `{}` for those that there are not")
                .body(json!({ "uids": ["F1"] }))
                .answer(json!([view::example_sheet()])),
        ),
    ]
}
