//! Jobs: how files that were sent become documents.

mod get;
mod list;
mod view;

pub(super) use view::{JobView, example};

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_domain::ids::UploadId;
use lectern_service::ServiceError;
use serde_json::json;
use uuid::Uuid;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v1/jobs").route(
            Method::GET,
            list::get,
            Doc::new("The jobs of what the caller sent; everybody's, for administrators")
                .like_openai()
                .answer(json!({ "object": "list", "data": [example()], "first_id": view::ID, "last_id": view::ID, "has_more": false })),
        ),
        Endpoint::at("/api/v1/jobs/{job_id}").route(
            Method::GET,
            get::get,
            Doc::new("How far a job has come, for a day after it is done and a month after it failed")
                .like_openai()
                .answer(example())
                .refuses([ServiceError::JobNotFound]),
        ),
    ]
}

/// The job that a text names.
fn id(text: &str) -> Option<UploadId> {
    Uuid::parse_str(text).ok().map(UploadId)
}
