//! Searching, and reading single chunks and sheets.

mod index;
mod read;
mod view;

use super::Endpoint;
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/indexes").on(Method::POST, index::post),
        Endpoint::at("/api/v2/get_chunk/{uid}").on(Method::GET, read::chunk),
        Endpoint::at("/api/v2/get_chunks").on(Method::POST, read::chunks),
        Endpoint::at("/api/v2/get_sheet/{uid}").on(Method::GET, read::sheet),
        Endpoint::at("/api/v2/get_sheets").on(Method::POST, read::sheets),
    ]
}
