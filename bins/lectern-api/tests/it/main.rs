//! The server as a process: how it starts, what it refuses, how it stops.

mod beside;
mod lifecycle;
mod refusals;
mod secrets;
mod support;
mod walkthrough;
