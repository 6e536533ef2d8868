//! The kinds of jobs that there are.

use super::{JobError, Policy};
use crate::{ServiceError, app::App};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// A job: what is to be done, with what. How to add a kind: [`super`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Work {}

impl Work {
    /// The names of all kinds, as the table has them. A process leaves alone what it has no name for: a newer one put it there.
    pub const KINDS: &'static [&'static str] = &[];

    /// How a kind is tried.
    pub(super) fn policy(&self) -> Policy {
        match *self {}
    }

    /// Does it.
    pub(super) async fn run(self, _app: &Arc<App>) -> Result<(), JobError> {
        match self {}
    }

    /// The kind and the payload of the row.
    pub(super) fn to_row(&self) -> Result<(String, Value), ServiceError> {
        let row = serde_json::to_value(self).map_err(|error| ServiceError::internal("writing a job's payload", error))?;
        let kind = row["kind"].as_str().unwrap_or_default().to_owned();
        Ok((kind, row.get("payload").cloned().unwrap_or_default()))
    }

    /// What a row asks for.
    pub(super) fn from_row(kind: &str, payload: Value) -> Result<Self, JobError> {
        serde_json::from_value(json!({ "kind": kind, "payload": payload }))
            .map_err(|error| JobError::GiveUp(format!("its payload cannot be read: {error}")))
    }
}
