//! What Lectern talks about: ids, nouns, validation and policies. No IO, no SQL, no HTTP.
//!
//! One file per noun. The other crates convert from and to these types at their edges: a row (SQL) and a DTO (HTTP) never
//! stand in for a domain type.

pub mod access;
pub mod change;
pub mod chat;
pub mod chunk;
pub mod collection;
pub mod digest;
pub mod document;
pub mod email;
pub mod executor;
pub mod facts;
pub mod feedback;
pub mod fields;
pub mod filter;
pub mod ids;
pub mod language;
pub mod meter;
pub mod model;
pub mod page;
pub mod password;
pub mod search;
pub mod stream;
pub mod token;
pub mod upload;
pub mod user;

/// A value that breaks a rule of the domain. The message says which rule and what would be valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// What was wrong, in the words of the caller: a field's or an option's name.
    pub field: &'static str,
    /// What is wrong with it and what is allowed.
    pub message: String,
}

impl Invalid {
    /// A rule broken by `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}
