//! What happens around every request.

mod around;
mod body;
mod cors;
mod merged;
mod request_id;

pub(crate) use around::{Route, around};
