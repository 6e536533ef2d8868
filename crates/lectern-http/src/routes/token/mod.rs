//! API tokens.

mod create;
mod delete;
mod list;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_domain::token::ApiToken;
use lectern_service::ServiceError;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/user/token").route(
            Method::GET,
            list::get,
            Doc::new("The names of the caller's API tokens").answer(json!([{ "name": "my-script" }])),
        ),
        Endpoint::at("/api/v2/user/token/new").route(
            Method::POST,
            create::post,
            Doc::new("Makes an API token, which is shown this once")
                .body(json!({ "name": "my-script" }))
                .answer(json!("0b6a1f5e-9d0f-4c37-9c0e-7a1d2e3f4a5b")),
        ),
        Endpoint::at("/api/v2/user/token/{token}").route(
            Method::DELETE,
            delete::delete,
            Doc::new("Revokes an API token")
                .answer(json!({ "name": "my-script" }))
                .refuses([ServiceError::TokenNotFound, ServiceError::Forbidden]),
        ),
    ]
}

/// An API token, without its text.
#[derive(Serialize, ToSchema)]
struct TokenView {
    name: String,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self { name: token.name }
    }
}
