//! What a handler's result says about its answers.

use crate::error::ApiError;
use actix_web::{HttpResponse, web::Json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, content::Content, schema::Schema},
};

/// Shapes by name.
pub(crate) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A handler's result.
pub(crate) trait Answers {
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

impl<T: Answers> Answers for Result<T, ApiError> {
    fn content() -> Option<(&'static str, Content)> {
        T::content()
    }

    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}
