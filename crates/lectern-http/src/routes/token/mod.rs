//! API tokens.

mod create;
mod delete;
mod list;

use super::Endpoint;
use actix_web::http::Method;
use lectern_domain::token::ApiToken;
use serde::Serialize;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/user/token").on(Method::GET, list::get),
        Endpoint::at("/api/v2/user/token/new").on(Method::POST, create::post),
        Endpoint::at("/api/v2/user/token/{token}").on(Method::DELETE, delete::delete),
    ]
}

/// An API token, without its text.
#[derive(Serialize)]
struct TokenView {
    name: String,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self { name: token.name }
    }
}
