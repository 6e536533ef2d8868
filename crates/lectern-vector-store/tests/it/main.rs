//! The contract that every index keeps, and what the embedded engines add to it.
#![expect(clippy::unwrap_used, reason = "a test stops where something fails")]

mod crash;
mod embedded;
mod lexical_contract;
mod ndcg;
mod recall;
mod roles;
mod support;
mod vector_contract;
