//! A stream in an answer.

use crate::{routes::feedback::FeedbackView, times::NaiveTime};
use lectern_service::conversations::ShownStream;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use utoipa::ToSchema;

/// A stream.
#[derive(Serialize, ToSchema)]
pub(in crate::routes) struct StreamView {
    model_name: String,
    query: String,
    mode: Option<String>,
    limit: Option<i32>,
    with_history: Option<bool>,
    context: String,
    institution: String,
    links: String,
    temperature: f64,
    /// The ids of the collections that may answer; only where some were chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    collections: Option<Vec<String>>,
    sources: Vec<String>,
    should_sids: Option<Vec<String>>,
    must_not_sids: Option<Vec<String>>,
    postprocessing: Option<Vec<String>>,
    id: i32,
    created_at: Option<NaiveTime>,
    updated_at: Option<NaiveTime>,
    is_streaming: bool,
    user_id: Option<i32>,
    chat_id: Option<i32>,
    prompt: Option<String>,
    response: Option<String>,
    search_sids: Option<Vec<String>>,
    rag_sources: Option<Vec<String>>,
    feedback: Option<FeedbackView>,
}

impl From<ShownStream> for StreamView {
    fn from(ShownStream { stream, feedback }: ShownStream) -> Self {
        let question = stream.question;
        Self {
            model_name: question.model_name,
            query: question.query,
            mode: question.mode,
            limit: question.limit,
            with_history: question.with_history,
            context: question.context,
            institution: question.institution,
            links: question.links,
            temperature: question.temperature.value(),
            collections: question.collections.map(|ids| ids.iter().map(ToString::to_string).collect()),
            sources: question.sources,
            should_sids: question.should_sids,
            must_not_sids: question.must_not_sids,
            postprocessing: question.postprocessing,
            id: stream.id.0,
            created_at: stream.created_at.map(NaiveTime),
            updated_at: stream.updated_at.map(NaiveTime),
            is_streaming: stream.is_streaming,
            user_id: stream.user.map(|user| user.0),
            chat_id: stream.chat.map(|chat| chat.0),
            prompt: stream.prompt.map(|frame| hex(&frame)),
            response: stream.response,
            search_sids: stream.search_sids,
            rag_sources: stream.rag_sources,
            feedback: feedback.map(FeedbackView::from),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An example for the documentation.
pub(in crate::routes) fn example() -> Value {
    json!({
        "model_name": "lectern-extractive", "query": "Combien coûte la location d'un vélo ?", "mode": "rag", "limit": null,
        "with_history": null, "context": "", "institution": "", "links": "", "temperature": 0.2, "sources": [], "should_sids": null,
        "must_not_sids": null, "postprocessing": null, "id": 1, "created_at": "2026-11-20T14:15:00.088977",
        "updated_at": "2026-11-20T14:15:00.088977", "is_streaming": false, "user_id": 1, "chat_id": null, "prompt": null,
        "response": "Vingt euros par an [1].", "search_sids": null, "rag_sources": ["6d0e6a3f-7d51-5a0e-8f0e-2f6f1f0d9b11"], "feedback": null,
    })
}
