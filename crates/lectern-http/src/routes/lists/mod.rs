//! The lists that come from data files.

mod institutions;
mod organizations;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use serde_json::json;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/institutions").route(
            Method::GET,
            institutions::get,
            Doc::new("The institutions that a user may name").answer(json!(["Mairie", "Préfecture"])),
        ),
        Endpoint::at("/api/v2/organizations/mfs").route(
            Method::GET,
            organizations::get,
            Doc::new("The organisations that a new user may belong to").answer(json!([{ "id": "1", "name": "Préfecture de Police" }])),
        ),
    ]
}
