//! Collections and their documents.

mod delete;
mod ensure;
mod limits;
mod load;
mod put;
mod source;

pub use delete::delete;
pub use ensure::{Ensured, NewCollectionSpec, ensure};
pub use limits::LoadLimits;
pub use load::{LanguageFrom, LoadRequest, Loaded, Progress, load};
pub use put::{Outcome, Put, put};
pub use source::Failure;
