//! What the installation tells about itself, in the text format of OpenMetrics, which Prometheus reads. This is the only place that knows the format;
//! the crates below count with `lectern_domain::meter`.

mod app;
mod families;
mod routes;
mod serve;

pub(crate) use routes::RouteMeters;
pub(crate) use serve::get;
