//! The contract that every index keeps, by the engines of this crate, and what each of them adds to it.
#![expect(clippy::unwrap_used, reason = "a test stops where something fails")]

mod crash;
mod elasticsearch;
mod embedded;
mod ndcg;
mod qdrant;
mod recall;
mod roles;
mod support;
