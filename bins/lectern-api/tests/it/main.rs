//! The server as a process: how it starts, what it refuses, how it stops.

mod adopted;
mod beside;
mod clients;
mod collections;
mod crash;
mod freeze;
mod interrupted;
mod lifecycle;
mod mail;
mod metrics;
mod refusals;
mod secrets;
mod soak;
mod stopping;
mod support;
mod together;
mod unittest;
mod walkthrough;
