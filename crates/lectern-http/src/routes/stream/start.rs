//! `GET /stream/{stream_id}/start`: the answer, as server-sent events.

use super::StreamPath;
use crate::{
    caller::CurrentUser,
    degraded,
    error::ApiResult,
    validate::{Checked, Path},
};
use actix_web::{HttpResponse, http::header::CONTENT_TYPE, web::Data};
use futures_util::stream::unfold;
use lectern_service::{answer::start, app::App};

/// What the reference says, byte for byte.
const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

pub(super) async fn get(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<StreamPath>>) -> ApiResult<HttpResponse> {
    let started = start(&app.into_inner(), &who, path.stream_id).await?;
    // An error after the first byte cuts the connection: the reader sees an incomplete body, and the service has logged the cause.
    let body = unfold(started.parts, |mut parts| async move { parts.recv().await.map(|part| (part, parts)) });
    let mut answer = HttpResponse::Ok();
    degraded::say(&mut answer, started.degraded);
    Ok(answer.insert_header((CONTENT_TYPE, EVENT_STREAM)).streaming(body))
}
