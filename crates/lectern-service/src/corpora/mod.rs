//! Collections and their documents.

mod ensure;
mod put;

pub use ensure::{Ensured, NewCollectionSpec, ensure};
pub use put::{Outcome, Put, put};
