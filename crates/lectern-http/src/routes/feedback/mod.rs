//! What people think of answers.

mod create;
mod delete;
mod get;
mod list;
mod view;

pub(super) use view::FeedbackView;

use super::Endpoint;
use crate::docs::Doc;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::FeedbackId;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/feedback/add/{stream_id}").route(
            Method::POST,
            create::post,
            Doc::new("Says what the caller thinks of an answer; said again, what is given replaces what was")
                .body(json!({ "type": "chat", "is_good": true, "message": "Clair." }))
                .answer(view::example())
                .refuses([ServiceError::StreamNotFound, ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/feedbacks").route(Method::GET, list::get, Doc::new("The caller's feedback").answer(json!([view::example()]))),
        Endpoint::at("/api/v2/feedback/{feedback_id}").route(
            Method::GET,
            get::get,
            Doc::new("Feedback, for its author or an administrator")
                .answer(view::example())
                .refuses([ServiceError::FeedbackNotFound, ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/feedback/delete/{feedback_id}").route(
            Method::DELETE,
            delete::delete,
            Doc::new("Deletes feedback of the caller's")
                .answer(view::example())
                .refuses([ServiceError::FeedbackNotFound, ServiceError::Forbidden]),
        ),
    ]
}

/// A path with a feedback's id.
pub(super) struct FeedbackPath {
    /// The feedback.
    pub(super) feedback_id: FeedbackId,
}

impl FromFields for FeedbackPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { feedback_id: fields.required("feedback_id")? })
    }
}
