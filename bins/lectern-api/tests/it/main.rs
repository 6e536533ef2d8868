//! The server as a process: how it starts, what it refuses, how it stops.

mod beside;
mod lifecycle;
mod metrics;
mod refusals;
mod secrets;
mod stopping;
mod support;
mod unittest;
mod walkthrough;
