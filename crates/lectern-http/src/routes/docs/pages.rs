//! `GET /api/docs` and `GET /api/redoc`

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_SECURITY_POLICY, ContentType, X_CONTENT_TYPE_OPTIONS},
};

/// Everything comes from this server. Both pages build style sheets while they run, hence the exception for styles; ReDoc shows images that are in its script.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn swagger_ui() -> HttpResponse {
    page(include_str!("../../../assets/swagger-ui.html"))
}

pub(super) async fn redoc() -> HttpResponse {
    page(include_str!("../../../assets/redoc.html"))
}

fn page(html: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(html)
}
