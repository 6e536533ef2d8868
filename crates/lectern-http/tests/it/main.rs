//! The HTTP contract, on real databases.

mod accounts;
mod anonymous;
mod answers;
mod arbitrary;
mod conventions;
mod conversations;
mod corpus;
mod feedback;
mod models;
mod openapi;
mod prompts;
mod search;
mod support;
mod validation;
