//! What a handler's result says about its answers.

use crate::{error::ApiError, v1::V1Error};
use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode, web::Json};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, content::Content, schema::Schema},
};

/// Shapes by name.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// An answer with another status than 200.
pub(crate) struct Status<const STATUS: u16, T>(pub T);

impl<const STATUS: u16, T: Serialize> Responder for Status<STATUS, T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut answer = Json(self.0).respond_to(request).map_into_boxed_body();
        // What does not fit into a status is a defect that the first test of a route sees.
        *answer.status_mut() = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer
    }
}

/// A handler's result.
pub(crate) trait Answers {
    /// The status of a success.
    const STATUS: u16 = 200;

    /// The content of a success: its type and its shape; none where the route says it in its [`super::Doc`].
    fn content() -> Option<(&'static str, Content)>;

    /// The shapes that its own shape refers to.
    fn schemas(_: &mut Schemas) {}
}

impl Answers for HttpResponse {
    fn content() -> Option<(&'static str, Content)> {
        None
    }
}

impl<T: ToSchema> Answers for Json<T> {
    fn content() -> Option<(&'static str, Content)> {
        Some(("application/json", Content::new(Some(<T as PartialSchema>::schema()))))
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

impl<const STATUS: u16, T: ToSchema> Answers for Status<STATUS, T> {
    const STATUS: u16 = STATUS;

    fn content() -> Option<(&'static str, Content)> {
        Json::<T>::content()
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

impl<T: Answers> Answers for Result<T, V1Error> {
    const STATUS: u16 = T::STATUS;

    fn content() -> Option<(&'static str, Content)> {
        T::content()
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

impl<T: Answers> Answers for Result<T, ApiError> {
    const STATUS: u16 = T::STATUS;

    fn content() -> Option<(&'static str, Content)> {
        T::content()
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}
