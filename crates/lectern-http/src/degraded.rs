//! Saying that an index was down: what only it would have found is missing from the answer.

use crate::docs::{Answers, Schemas};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, body::BoxBody, web::Json};
use lectern_domain::search::Side;
use serde::Serialize;
use utoipa::{ToSchema, openapi::content::Content};

/// Names the index that could not be asked: `lexical` or `vectors`.
const DEGRADED: &str = "lectern-degraded";

/// Adds the header where an index was left out.
pub(crate) fn say(answer: &mut HttpResponseBuilder, degraded: Option<Side>) {
    if let Some(side) = degraded {
        answer.insert_header((DEGRADED, side.as_str()));
    }
}

/// JSON that rests on a search.
pub(crate) struct FoundJson<T> {
    pub(crate) body: T,
    /// The index that was left out.
    pub(crate) degraded: Option<Side>,
}

impl<T: Serialize> Responder for FoundJson<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        say(&mut answer, self.degraded);
        answer.json(self.body)
    }
}

impl<T: ToSchema> Answers for FoundJson<T> {
    fn content() -> Option<(&'static str, Content)> {
        Json::<T>::content()
    }

    fn schemas(schemas: &mut Schemas) {
        Json::<T>::schemas(schemas);
    }
}
