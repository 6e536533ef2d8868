//! Searching collections.

mod filters;
mod search;
mod view;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_service::ServiceError;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let body = json!({
        "query": "louer un vélo", "collections": ["documents"], "limit": 1, "method": "lexical",
        "filters": { "type": "and", "filters": [{ "type": "eq", "key": "source", "value": "service-public" }] },
    });
    vec![Endpoint::at("/api/v1/search").route(
        Method::POST,
        search::post,
        Doc::new("Searches collections by words, by meaning or by both; `filters` are eq, ne, in, nin, gt, gte, lt, lte, range, prefix, and, or, not")
            .like_openai()
            .body(body)
            .answer(view::example())
            .refuses([ServiceError::UnknownCollection("docs".to_owned()), ServiceError::EmptyQuery, ServiceError::NoEmbeddings]),
    )]
}
