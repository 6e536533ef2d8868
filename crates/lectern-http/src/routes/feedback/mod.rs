//! What people think of answers.

mod create;
mod delete;
mod get;
mod list;
mod view;

pub(super) use view::FeedbackView;

use super::Endpoint;
use crate::validate::{Fields, FromFields};
use actix_web::http::Method;
use lectern_domain::ids::FeedbackId;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/feedback/add/{stream_id}").on(Method::POST, create::post),
        Endpoint::at("/api/v2/feedbacks").on(Method::GET, list::get),
        Endpoint::at("/api/v2/feedback/{feedback_id}").on(Method::GET, get::get),
        Endpoint::at("/api/v2/feedback/delete/{feedback_id}").on(Method::DELETE, delete::delete),
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
