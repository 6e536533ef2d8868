//! What every request goes through before its handler, and every answer after it: one id, one span, one line of the log, one count.

use super::{
    body::hold,
    cors::{mark, preflight, wants_preflight},
    request_id::{REQUEST_ID, request_id},
};
use crate::{error::plain, metrics::RouteMeters, options::HttpOptions};
use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody as _},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{CONNECTION, HeaderValue, ORIGIN, RETRY_AFTER},
    },
    middleware::Next,
};
use futures_util::FutureExt as _;
use lectern_service::lifecycle::Lifecycle;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};
use tracing::Instrument as _;

/// A route as the code around it knows it.
pub(crate) struct Route {
    /// All routes' meters.
    pub(crate) meters: Arc<[RouteMeters]>,
    /// Which of them is this route's.
    pub(crate) at: usize,
    /// Whether it answers while the server stops.
    pub(crate) while_stopping: bool,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) options: Arc<HttpOptions>,
}

/// Serves a request. Logs carry the route's pattern, never its path or query, which may hold a token.
pub(crate) async fn around(route: Arc<Route>, request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = Instant::now();
    let meters = &route.meters[route.at];
    let id = request_id(request.headers());
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), %method, route = meters.route);
    let mut in_hand = route.lifecycle.request();
    let mut answer = answer(&route, request, next).instrument(span.clone()).await;
    let took = start.elapsed();
    meters.answered(&method, answer.status(), took);
    span.in_scope(|| tracing::debug!(status = answer.status().as_u16(), us = took.as_micros() as u64, "answered"));
    answer.headers_mut().insert(REQUEST_ID, id);
    if matches!(answer.response().body().size(), BodySize::Stream) {
        in_hand.streams();
        return Ok(answer.map_body(|_, body| hold(body, in_hand, &route.lifecycle, span)));
    }
    Ok(answer)
}

/// The answer, with what pages of other origins need to read it.
async fn answer(route: &Route, request: ServiceRequest, next: Next<BoxBody>) -> ServiceResponse<BoxBody> {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed = origin.filter(|origin| route.options.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes()));
    if wants_preflight(&request) {
        let answer = preflight(request.headers(), allowed.as_ref());
        return request.into_response(answer);
    }
    let mut answer = if route.lifecycle.is_stopping() && !route.while_stopping { stopping(request) } else { handled(request, next).await };
    if let Some(origin) = allowed {
        mark(answer.headers_mut(), &origin);
    }
    answer
}

/// Nothing new is begun while the server stops.
fn stopping(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    let mut answer = plain(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    request.into_response(answer)
}

/// The handler's answer. A handler that panics is a defect, and an answer 500.
async fn handled(request: ServiceRequest, next: Next<BoxBody>) -> ServiceResponse<BoxBody> {
    let kept = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => ServiceResponse::from_err(error, kept),
        Err(_panic) => {
            // What it said is on standard error already.
            tracing::error!(status = 500, "a handler panicked");
            ServiceResponse::new(kept, plain(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{
        App, HttpResponse,
        body::to_bytes,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service},
        web,
    };

    async fn broken() -> HttpResponse {
        panic!("on purpose")
    }

    #[actix_web::test]
    async fn a_handler_that_panics_is_an_answer_that_pages_of_other_origins_can_read() {
        let options = HttpOptions { cors_origins: vec!["https://app.example.org".into()], ..HttpOptions::default() };
        let route = Arc::new(Route {
            meters: Arc::new([RouteMeters::new("/broken")]),
            at: 0,
            while_stopping: false,
            lifecycle: Lifecycle::default(),
            options: Arc::new(options),
        });
        let (lifecycle, wrapped) = (route.lifecycle.clone(), from_fn(move |request, next| around(route.clone(), request, next)));
        let resource = web::resource("/broken").route(web::get().to(broken)).wrap(wrapped);
        let service = init_service(App::new().service(resource)).await;
        let ask = || TestRequest::get().uri("/broken").insert_header((ORIGIN, "https://app.example.org")).to_request();
        let answer = call_service(&service, ask()).await;
        assert_eq!((answer.status(), lifecycle.in_hand()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
        assert!(answer.headers().contains_key("access-control-allow-origin") && answer.headers().contains_key("x-request-id"));
        let body = to_bytes(answer.into_body()).await.expect("a body");
        assert_eq!(body, r#"{"detail":"Internal Server Error"}"#);
        lifecycle.stop();
        let answer = call_service(&service, ask()).await;
        assert_eq!(
            (answer.status(), answer.headers().get(CONNECTION)),
            (StatusCode::SERVICE_UNAVAILABLE, Some(&HeaderValue::from_static("close")))
        );
    }
}
