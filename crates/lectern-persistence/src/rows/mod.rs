//! The shapes of the tables, with their conversions to and from domain types.

pub(crate) mod chat;
pub(crate) mod collection;
pub(crate) mod document;
pub(crate) mod feedback;
mod json_list;
pub(crate) mod stream;
pub(crate) mod token;
pub(crate) mod upload;
pub(crate) mod user;
