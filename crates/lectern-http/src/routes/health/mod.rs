//! Whether the server is there.

mod get;
mod livez;
mod readyz;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/healthcheck").route(
            Method::GET,
            get::get,
            Doc::new("Whether the server answers, and the installation's version").answer(json!({ "msg": "OK", "version": "0.0.0" })),
        ),
        Endpoint::at("/livez")
            .route(Method::GET, livez::get, Doc::new("Whether the process answers").answer(json!({ "status": "alive" })))
            .while_stopping(),
        Endpoint::at("/readyz")
            .route(
                Method::GET,
                readyz::get,
                Doc::new("Whether everything that requests need is well")
                    .answer(json!({ "status": "ready", "checks": { "database": { "ok": true, "state": "reachable" } } }))
                    .status(503, "Something is not well, or the server stops; the body is as for 200"),
            )
            .while_stopping(),
    ]
}
