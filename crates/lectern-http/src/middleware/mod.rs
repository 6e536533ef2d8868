//! What happens around every request.

mod cors;
mod request_id;

pub(crate) use cors::cors;
pub(crate) use request_id::request_id;
