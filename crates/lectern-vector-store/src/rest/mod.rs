//! What the stores that are asked over HTTP have in common: one client with its time limits, further tries and bounds, and the comparison of
//! what a store has with what is expected.

mod client;
mod difference;
mod groups;
mod retry;

pub(crate) use client::{Answer, Call, Client, Connection, Product};
pub(crate) use difference::difference;
pub(crate) use groups::groups;
pub(crate) use retry::Patience;

/// The longest reason that is kept, in characters.
const REASON: usize = 500;

/// What a store says, on one line of bounded length.
pub(crate) fn one_line(said: &str) -> String {
    let words: Vec<&str> = said.split_whitespace().collect();
    words.join(" ").chars().take(REASON).collect()
}
