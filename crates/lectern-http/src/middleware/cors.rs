//! Which pages of other origins may call the API (Fetch standard, section 3.2), answered as clients of the reference know it.

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
        },
    },
};

const METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Whether a page asks what it may ask.
pub(super) fn wants_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Lets the pages of an origin read an answer.
pub(super) fn mark(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}

/// Says what pages of an origin may ask; of none, where it is not allowed.
pub(super) fn preflight(asked: &HeaderMap, origin: Option<&HeaderValue>) -> HttpResponse {
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
