//! The routes, and what happens around them, as one thing that a server takes.

use crate::{
    error::plain,
    middleware::{cors, request_id},
    options::HttpOptions,
    routes,
};
use actix_web::{
    HttpRequest, HttpResponse,
    dev::ResourceDef,
    http::{StatusCode, header::LOCATION},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use lectern_service::app::App;

/// Adds the whole API to an actix-web application: `App::new().configure(configure(app, options))`.
pub fn configure(app: Data<App>, options: Data<HttpOptions>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let endpoints = routes::endpoints();
        let known: Vec<ResourceDef> = endpoints.iter().map(|endpoint| ResourceDef::new(endpoint.path)).collect();
        let known = Data::new(known);
        let scope = endpoints.into_iter().fold(web::scope(""), |scope, endpoint| scope.service(endpoint.resource()));
        config
            .app_data(app)
            .app_data(options)
            .app_data(known)
            .service(scope.default_service(web::to(not_found)).wrap(from_fn(cors)).wrap(from_fn(request_id)));
    }
}

/// No route has that path: the same with or without a slash at the end may have one.
async fn not_found(request: HttpRequest, known: Data<Vec<ResourceDef>>) -> HttpResponse {
    let path = request.path();
    let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    if !other.is_empty() && known.iter().any(|route| route.is_match(&other)) {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        return HttpResponse::TemporaryRedirect().insert_header((LOCATION, format!("{other}{query}"))).finish();
    }
    plain(StatusCode::NOT_FOUND, "Not Found")
}
