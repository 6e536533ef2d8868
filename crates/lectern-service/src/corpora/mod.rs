//! Collections and their documents.

mod ensure;
mod limits;
mod put;

pub use ensure::{Ensured, NewCollectionSpec, ensure};
pub use limits::LoadLimits;
pub use put::{Outcome, Put, put};
