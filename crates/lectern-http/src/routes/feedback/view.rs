//! Feedback in an answer.

use lectern_domain::feedback::Feedback;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// An opinion of an answer.
#[derive(Serialize, ToSchema)]
pub(in crate::routes) struct FeedbackView {
    #[serde(rename = "type")]
    feedback_type: &'static str,
    note: Option<i32>,
    positives: Option<Vec<String>>,
    negatives: Option<Vec<String>>,
    is_good: Option<bool>,
    message: Option<String>,
    id: i32,
    user_id: i32,
    stream_id: i32,
}

impl From<Feedback> for FeedbackView {
    fn from(feedback: Feedback) -> Self {
        Self {
            feedback_type: feedback.feedback_type.as_str(),
            note: feedback.note,
            positives: feedback.positives,
            negatives: feedback.negatives,
            is_good: feedback.is_good,
            message: feedback.message,
            id: feedback.id.0,
            user_id: feedback.user.0,
            stream_id: feedback.stream.0,
        }
    }
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "type": "chat", "note": 0, "positives": null, "negatives": null, "is_good": true, "message": "Clair.", "id": 1, "user_id": 1, "stream_id": 1,
    })
}
