//! Collections and their documents.

mod delete;
mod ensure;
mod limits;
mod put;

pub use delete::delete;
pub use ensure::{Ensured, NewCollectionSpec, ensure};
pub use limits::LoadLimits;
pub use put::{Outcome, Put, put};
