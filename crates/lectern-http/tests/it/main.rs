//! The HTTP contract, on real databases.

mod accounts;
mod anonymous;
mod arbitrary;
mod conventions;
mod conversations;
mod support;
mod validation;
