//! Tests of reading and cutting documents.

mod chunk;
mod file;
mod jsonl;
mod language;
mod shared;
