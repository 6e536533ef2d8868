//! The routes, and what happens around them, as one thing that a server takes.

use crate::{
    error::plain,
    metrics::{self, RouteMeters},
    middleware::{Route, around},
    options::HttpOptions,
    routes,
};
use actix_web::{
    HttpRequest, HttpResponse, Resource,
    dev::{AppService, HttpServiceFactory, ResourceDef},
    http::{StatusCode, header::LOCATION},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use lectern_service::app::App;
use std::sync::Arc;

/// What a path without a route is called in logs and metrics.
const UNMATCHED: &str = "none";

/// The API: what its routes share, made once. Every worker of a server is configured with the same one.
#[derive(Clone)]
pub struct Api {
    pub(crate) app: Arc<App>,
    pub(crate) options: Arc<HttpOptions>,
    /// The routes' meters in the order of the routes, and that of all other paths.
    pub(crate) meters: Arc<[RouteMeters]>,
}

impl Api {
    /// The API of an application.
    pub fn new(app: Arc<App>, options: HttpOptions) -> Self {
        let paths = routes::endpoints().into_iter().map(|endpoint| endpoint.path);
        Self { app, options: Arc::new(options), meters: paths.chain([UNMATCHED]).map(RouteMeters::new).collect() }
    }

    /// Adds all routes to an actix-web application: `App::new().configure(api.routes())`.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let api = self.clone();
        move |config| {
            let endpoints = routes::endpoints();
            let known: Vec<ResourceDef> = endpoints.iter().map(|endpoint| ResourceDef::new(endpoint.pattern)).collect();
            config.app_data(Data::from(api.app.clone())).app_data(Data::from(api.options.clone())).app_data(Data::new(known));
            let unmatched = endpoints.len();
            // Paths are tried in turn, and one without parameters costs next to nothing.
            let (fixed, with_parameters): (Vec<_>, Vec<_>) =
                endpoints.into_iter().enumerate().partition(|(_, endpoint)| !endpoint.path.contains('{'));
            for (at, endpoint) in fixed.into_iter().chain(with_parameters) {
                let while_stopping = endpoint.while_stopping;
                config.service(api.wrapped(endpoint.resource(), at, while_stopping));
            }
            let rest = web::resource("/{unmatched:.*}").default_service(web::to(not_found));
            config.service(api.wrapped(rest, unmatched, false)).default_service(web::to(not_found));
        }
    }

    /// Adds `GET /metrics` to an actix-web application, which should listen where only the operator comes.
    pub fn metrics(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let api = Data::new(self.clone());
        move |config| {
            let resource = web::resource("/metrics").route(web::get().to(metrics::get));
            config.app_data(api).service(resource).default_service(web::to(|| async { plain(StatusCode::NOT_FOUND, "Not Found") }));
        }
    }

    /// A route with what is around it.
    fn wrapped(&self, resource: Resource, at: usize, while_stopping: bool) -> impl HttpServiceFactory + 'static {
        let route = Arc::new(Route {
            meters: self.meters.clone(),
            at,
            while_stopping,
            lifecycle: self.app.lifecycle.clone(),
            options: self.options.clone(),
        });
        Wrapped(resource.wrap(from_fn(move |request, next| around(route.clone(), request, next))))
    }
}

/// Hides the long type of a wrapped resource.
struct Wrapped<T>(T);

impl<T: HttpServiceFactory> HttpServiceFactory for Wrapped<T> {
    fn register(self, config: &mut AppService) {
        self.0.register(config);
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
