//! Whether the server is there.

mod get;
mod livez;
mod readyz;

use super::Endpoint;
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/healthcheck").on(Method::GET, get::get),
        Endpoint::at("/livez").on(Method::GET, livez::get).while_stopping(),
        Endpoint::at("/readyz").on(Method::GET, readyz::get).while_stopping(),
    ]
}
