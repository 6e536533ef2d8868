//! For the tests of any Lectern crate.

pub mod database;

pub use database::{TestDatabase, on_every_database};
