//! The API's description in OpenAPI. Requests are described by the code that reads them, answers by the types that are written: what is
//! said beside a route ([`Doc`]) is in words and examples, and a test sends the examples.

mod answers;
mod describe;
mod doc;
mod document;
mod measure;

pub(crate) use answers::{Answers, Schemas, Status};
pub(crate) use describe::{Describe, Description, Operation};
pub(crate) use doc::Doc;
pub(crate) use document::document;
pub(crate) use measure::{Asked, measure};
