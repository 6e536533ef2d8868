//! `GET /metrics`, on a listener of its own.

use super::{
    app::{self, Told},
    families, routes,
};
use crate::{error::plain, server::Api};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    rt::time::timeout,
    web::Data,
};
use lectern_service::{ServiceError, jobs};
use std::time::Duration;

/// What the text format is called.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The longest that the database may take to tell how followers and jobs are; a page comes without it rather than late.
const PATIENCE: Duration = Duration::from_secs(2);

/// All numbers, as they are now.
pub(crate) async fn get(api: Data<Api>) -> HttpResponse {
    let told = async { Ok::<_, ServiceError>(Told { lags: api.app.followers.lags().await?, jobs: jobs::counts(&api.app).await? }) };
    let told = match timeout(PATIENCE, told).await {
        Ok(Ok(told)) => Some(told),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the database does not tell how followers and jobs are");
            None
        }
        Err(_elapsed) => None,
    };
    let api = api.into_inner();
    let page = families::page(move |families| {
        routes::write(families, &api.meters)?;
        app::write(families, &api.app, told.as_ref())
    });
    match page {
        Ok(page) => HttpResponse::Ok().insert_header((CONTENT_TYPE, OPEN_METRICS)).body(page),
        Err(error) => {
            tracing::error!(%error, "the numbers cannot be written");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }
}
