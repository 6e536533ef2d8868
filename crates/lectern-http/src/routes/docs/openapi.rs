//! `GET /api/openapi.json`

use crate::{
    docs::document,
    error::{ApiError, ApiResult},
    routes::endpoints,
};
use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{Bytes, Data},
};
use lectern_service::{ServiceError, app::App};
use std::sync::OnceLock;

/// The document, which does not change while the program runs.
static DOCUMENT: OnceLock<Bytes> = OnceLock::new();

pub(super) async fn get(app: Data<App>) -> ApiResult<HttpResponse> {
    let body = match DOCUMENT.get() {
        Some(body) => body.clone(),
        None => {
            let json = document(endpoints(), &app).to_json();
            let json = json.map_err(|error| ApiError::from(ServiceError::internal("writing the OpenAPI document", error)))?;
            DOCUMENT.get_or_init(|| json.into()).clone()
        }
    };
    Ok(HttpResponse::Ok().insert_header(ContentType::json()).body(body))
}
