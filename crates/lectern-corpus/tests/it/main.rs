//! Tests of reading and cutting documents.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod chunk;
mod file;
mod jsonl;
mod language;
mod shared;
