//! Requests by route, method and status. Labels are from lists, so that no caller can make new ones.

use super::families::Families;
use actix_web::http::{Method, StatusCode};
use lectern_domain::meter::{Counter, Timings};
use std::{fmt, time::Duration};

/// The methods that are told apart; the others are one.
const METHODS: [Method; 7] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];

/// The statuses that are told apart: those of the API, and what a model's endpoint may say besides; the others are one.
const STATUSES: [u16; 24] =
    [200, 204, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 416, 422, 424, 429, 499, 500, 501, 502, 503, 504];

/// What one route tells about itself.
pub(crate) struct RouteMeters {
    /// The path's pattern.
    pub(crate) route: &'static str,
    methods: [MethodMeters; METHODS.len() + 1],
}

#[derive(Default)]
struct MethodMeters {
    statuses: [Counter; STATUSES.len() + 1],
    times: Timings,
}

impl RouteMeters {
    /// Nothing was asked yet.
    pub(crate) fn new(route: &'static str) -> Self {
        Self { route, methods: Default::default() }
    }

    /// A request was answered; a stream counts from its head.
    pub(crate) fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let status = STATUSES.binary_search(&status.as_u16()).unwrap_or(STATUSES.len());
        let meters = &self.methods[method];
        meters.statuses[status].up();
        meters.times.took(took);
    }
}

/// Writes the families of all routes.
pub(super) fn write(families: &mut Families<'_>, routes: &[RouteMeters]) -> fmt::Result {
    let asked = || {
        routes.iter().flat_map(|route| {
            let method = |at: usize| METHODS.get(at).map_or("other", Method::as_str);
            route.methods.iter().enumerate().map(move |(at, meters)| (route.route, method(at).to_owned(), meters))
        })
    };
    let mut requests = families.counter("http_requests", "Requests that were answered, by the pattern of their path")?;
    for (route, method, meters) in asked() {
        for (at, counter) in meters.statuses.iter().enumerate().filter(|(_, counter)| counter.get() > 0) {
            let status = STATUSES.get(at).map_or_else(|| "other".to_owned(), u16::to_string);
            requests.value(&[("route", route), ("method", &method), ("status", &status)], counter.get())?;
        }
    }
    let mut times = families.histogram("http_request_duration", "From a request's head to its answer's head")?;
    for (route, method, meters) in asked() {
        times.timings_if_any(&[("route", route), ("method", &method)], &meters.times)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_can_be_searched() {
        assert!(STATUSES.is_sorted());
    }
}
