//! The API's documentation: the OpenAPI document, and two pages that show it. What the pages load is in this program.

mod files;
mod openapi;
mod pages;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let page = |summary| Doc::new(summary).content("text/html; charset=utf-8", "<!doctype html>…");
    let file = Doc::new("A file that these pages load").content("text/javascript; charset=utf-8", "…").status(404, "There is no such file");
    let document = Doc::new("This document").answer(serde_json::json!({ "openapi": "3.1.0", "info": {}, "paths": {}, "components": {} }));
    vec![
        Endpoint::at("/api/openapi.json").route(Method::GET, openapi::get, document),
        Endpoint::at("/api/docs").route(
            Method::GET,
            pages::swagger_ui,
            page("This document in Swagger UI, from which requests can be sent"),
        ),
        Endpoint::at("/api/redoc").route(Method::GET, pages::redoc, page("This document in ReDoc, to be read")),
        Endpoint::at("/api/docs/{file}").route(Method::GET, files::get, file),
    ]
}
