//! The HTTP contract, on real databases.

mod accounts;
mod anonymous;
mod answers;
mod arbitrary;
mod collections;
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
mod retrieval;
mod search;
mod streaming;
mod support;
mod uploads;
mod validation;
mod visibility;
