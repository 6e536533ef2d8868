//! `GET /healthcheck`

use crate::options::HttpOptions;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

/// The answer.
#[derive(Serialize, ToSchema)]
pub(super) struct HealthView {
    msg: &'static str,
    version: String,
}

pub(super) async fn get(options: Data<HttpOptions>) -> Json<HealthView> {
    Json(HealthView { msg: "OK", version: options.app_version.clone() })
}
