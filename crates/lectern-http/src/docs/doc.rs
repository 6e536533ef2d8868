//! What is said about a route beside it.

use crate::error::ApiError;
use lectern_service::ServiceError;
use serde_json::Value;
use utoipa::openapi::{RefOr, schema::Schema};

/// What a route is for, with examples. A test sends the examples and compares the answers.
pub(crate) struct Doc {
    pub(crate) summary: &'static str,
    pub(crate) body: Option<Value>,
    pub(crate) answer: Option<Value>,
    pub(crate) shape: Option<fn() -> RefOr<Schema>>,
    pub(crate) content: Option<(&'static str, &'static str)>,
    pub(crate) refusals: Vec<ServiceError>,
    pub(crate) errors: Vec<ApiError>,
    pub(crate) otherwise: Option<(&'static str, Value)>,
    pub(crate) statuses: Vec<(u16, &'static str)>,
    pub(crate) openai: bool,
}

impl Doc {
    /// What it does, in one sentence.
    pub(crate) fn new(summary: &'static str) -> Self {
        Self {
            summary,
            body: None,
            answer: None,
            shape: None,
            content: None,
            refusals: Vec::new(),
            errors: Vec::new(),
            otherwise: None,
            statuses: Vec::new(),
            openai: false,
        }
    }

    /// A body that is taken.
    pub(crate) fn body(mut self, example: Value) -> Self {
        self.body = Some(example);
        self
    }

    /// What is answered then.
    pub(crate) fn answer(mut self, example: Value) -> Self {
        self.answer = Some(example);
        self
    }

    /// What such an answer looks like, where the handler's result does not say it.
    pub(crate) fn shaped(mut self, schema: fn() -> RefOr<Schema>) -> Self {
        self.shape = Some(schema);
        self
    }

    /// The content of an answer that is no JSON, instead of one or beside it: its type, and an example.
    pub(crate) fn content(mut self, kind: &'static str, example: &'static str) -> Self {
        self.content = Some((kind, example));
        self
    }

    /// What the use case may refuse; the status and the text come from the one table of errors.
    pub(crate) fn refuses(mut self, refusals: impl IntoIterator<Item = ServiceError>) -> Self {
        self.refusals.extend(refusals);
        self
    }

    /// Says that what the use case refuses has OpenAI's shape.
    pub(crate) fn like_openai(mut self) -> Self {
        self.openai = true;
        self
    }

    /// What is refused before a use case is asked.
    pub(crate) fn errors(mut self, errors: impl IntoIterator<Item = ApiError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// What any other status means, with an example.
    pub(crate) fn otherwise(mut self, meaning: &'static str, example: Value) -> Self {
        self.otherwise = Some((meaning, example));
        self
    }

    /// Another status, and when it is answered.
    pub(crate) fn status(mut self, status: u16, when: &'static str) -> Self {
        self.statuses.push((status, when));
        self
    }
}
