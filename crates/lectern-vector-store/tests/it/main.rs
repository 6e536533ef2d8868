//! The contract that every index keeps, and what the embedded engines add to it.

mod ndcg;
mod support;
