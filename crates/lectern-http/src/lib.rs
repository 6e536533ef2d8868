//! Lectern's HTTP API: routes, the shapes of requests and answers, errors to statuses. What is decided here is how a request is
//! read and how an answer is written; what happens in between is one use case of the service.

mod address;
mod caller;
mod degraded;
mod docs;
mod error;
mod metrics;
mod middleware;
mod openai;
mod options;
mod routes;
mod server;
mod times;
mod v1;
mod validate;

pub use address::{ForwardedHeader, Network, TrustedProxies};
pub use options::HttpOptions;
pub use routes::routes;
pub use server::Api;
