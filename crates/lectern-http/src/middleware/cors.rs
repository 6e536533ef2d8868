//! Which pages of other origins may call the API (Fetch standard, section 3.2), answered as clients of the reference know it.

use crate::options::HttpOptions;
use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
        },
    },
    middleware::Next,
    web::Data,
};

const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Answers preflights, and marks the answers to allowed origins.
pub(crate) async fn cors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let allowed = request
        .app_data::<Data<HttpOptions>>()
        .is_some_and(|options| options.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes()));
    if request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        let answer = preflight(request.headers(), allowed.then_some(&origin));
        return Ok(request.into_response(answer).map_into_right_body());
    }
    let mut answer = next.call(request).await?.map_into_left_body();
    if allowed {
        mark(answer.headers_mut(), &origin);
    }
    Ok(answer)
}

fn mark(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}

fn preflight(asked: &HeaderMap, origin: Option<&HeaderValue>) -> HttpResponse {
    let known = |method: &HeaderValue| METHODS.split(", ").any(|known| known.as_bytes() == method.as_bytes());
    let method = asked.get(ACCESS_CONTROL_REQUEST_METHOD).is_some_and(known);
    let refused: Vec<&str> =
        [("origin", origin.is_some()), ("method", method)].into_iter().filter(|(_, fine)| !fine).map(|(what, _)| what).collect();
    let mut answer = match refused.as_slice() {
        [] => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("OK"),
        refused => {
            HttpResponse::BadRequest().content_type("text/plain; charset=utf-8").body(format!("Disallowed CORS {}", refused.join(", ")))
        }
    };
    let headers = answer.headers_mut();
    match origin {
        Some(origin) => mark(headers, origin),
        None => headers.append(VARY, HeaderValue::from_static("Origin")),
    }
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    answer
}
