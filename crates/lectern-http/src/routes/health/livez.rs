//! `GET /livez`: the process answers. One that does not should be started anew.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The answer.
#[derive(Serialize, ToSchema)]
pub(super) struct LiveView {
    status: &'static str,
}

pub(super) async fn get() -> Json<LiveView> {
    Json(LiveView { status: "alive" })
}
