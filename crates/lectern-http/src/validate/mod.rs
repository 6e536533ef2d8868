//! From a request's text to Rust types, or to a 422 that says everything that is wrong with it. The only place that knows how
//! lenient that is and what the complaints look like.

pub(crate) mod errors;
pub(crate) mod fields;
pub(crate) mod json;
pub(crate) mod request;
#[cfg(test)]
mod tests;
pub(crate) mod value;

pub(crate) use fields::{Fields, FromFields};
pub(crate) use request::{Body, Checked, Path, Query};
pub(crate) use value::{Count, FieldType, Place, Within, choice};
