//! What is said about a route beside it.

use lectern_service::ServiceError;
use serde_json::Value;

/// What a route is for, with examples. A test sends the examples and compares the answers.
pub(crate) struct Doc {
    pub(crate) summary: &'static str,
    pub(crate) body: Option<Value>,
    pub(crate) answer: Option<Value>,
    pub(crate) content: Option<(&'static str, &'static str)>,
    pub(crate) refusals: Vec<ServiceError>,
    pub(crate) statuses: Vec<(u16, &'static str)>,
}

impl Doc {
    /// What it does, in one sentence.
    pub(crate) fn new(summary: &'static str) -> Self {
        Self { summary, body: None, answer: None, content: None, refusals: Vec::new(), statuses: Vec::new() }
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

    /// The content of an answer that is no JSON: its type, and an example.
    pub(crate) fn content(mut self, kind: &'static str, example: &'static str) -> Self {
        self.content = Some((kind, example));
        self
    }

    /// What the use case may refuse; the status and the text come from the one table of errors.
    pub(crate) fn refuses(mut self, refusals: impl IntoIterator<Item = ServiceError>) -> Self {
        self.refusals.extend(refusals);
        self
    }

    /// Another status, and when it is answered.
    pub(crate) fn status(mut self, status: u16, when: &'static str) -> Self {
        self.statuses.push((status, when));
        self
    }
}
