//! The service's use cases, on every database at hand.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod accounts;
mod bridge;
mod chaos;
mod churn;
mod embedding;
mod fake;
mod filters;
mod find;
mod freezing;
mod generations;
mod history;
mod importing;
mod index;
mod jobs;
mod mail;
mod mail_tls;
mod pgvector;
mod processes;
mod running;
mod runs;
mod scope;
mod stores;
mod support;
mod trimming;
mod uploads;
