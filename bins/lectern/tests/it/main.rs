//! The command line as it is used: the real program, in a folder of its own, on every database at hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod add;
mod adopt;
mod answers;
mod archives;
mod author;
mod bad_input;
mod client;
mod drift;
mod evaluation;
mod importing;
mod index;
mod init;
mod kill;
mod large;
mod operator;
mod page;
mod releases;
mod schema;
mod sequences;
mod support;
mod trec;
