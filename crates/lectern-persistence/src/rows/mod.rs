//! The shapes of the tables, with their conversions to and from domain types.

pub(crate) mod collection;
pub(crate) mod document;
