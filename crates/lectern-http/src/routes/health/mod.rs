//! Whether the server is there.

mod get;

use super::Endpoint;
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::at("/api/v2/healthcheck").on(Method::GET, get::get)]
}
