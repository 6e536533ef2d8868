//! `GET /readyz`: whether the process can do its work now. One that cannot should get no requests.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use indexmap::IndexMap;
use lectern_service::{app::App, readiness::readiness};
use serde::Serialize;
use std::borrow::Cow;

/// The answer: everything that was looked at, by name.
#[derive(Serialize)]
struct ReadyView {
    status: &'static str,
    checks: IndexMap<&'static str, CheckView>,
}

/// How one thing is.
#[derive(Serialize)]
struct CheckView {
    ok: bool,
    state: Cow<'static, str>,
}

pub(super) async fn get(app: Data<App>) -> HttpResponse {
    let checks = readiness(&app).await;
    let ready = checks.iter().all(|check| check.well);
    let (status, word) = if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    let checks = checks.into_iter().map(|check| (check.name, CheckView { ok: check.well, state: check.state })).collect();
    HttpResponse::build(status).json(ReadyView { status: word, checks })
}
