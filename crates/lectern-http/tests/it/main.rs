//! The HTTP contract, on real databases.

mod accounts;
mod anonymous;
mod answers;
mod arbitrary;
mod completions;
mod conventions;
mod conversations;
mod corpus;
mod feedback;
mod limits;
mod lists;
mod models;
mod names;
mod openapi;
mod password_reset;
mod prompts;
mod registration;
mod search;
mod streaming;
mod support;
mod validation;
