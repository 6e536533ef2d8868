//! `lectern db downgrade`.

use super::revision_of;
use crate::{context::Context, output::note};
use lectern_service::schema::{Revision, Schema};
use serde_json::{Value, json};
use std::process::ExitCode;

/// The exit code of a command that was not meant like that.
const USAGE: u8 = 2;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Down to where: base, head (what this program knows), a version or its first digits, -N
    #[arg(value_parser = revision_of, allow_hyphen_values = true, required_unless_present = "to_release")]
    revision: Option<Revision>,
    /// Down to what a release of Lectern ended with, such as 0.1.0
    #[arg(long, value_name = "VERSION", conflicts_with = "revision")]
    to_release: Option<String>,
    /// Do it, after the plan is printed: what the migrations' tables and columns hold is lost
    #[arg(long)]
    yes: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<ExitCode> {
        let revision = match (self.revision, &self.to_release) {
            (Some(revision), _) => revision,
            (None, release) => schema.migrator().release(release.as_deref().unwrap_or_default())?,
        };
        let plan = schema.migrator().downgrade_plan(&revision)?;
        let names: Vec<&str> = plan.iter().map(|step| step.name.as_str()).collect();
        if !self.yes && !names.is_empty() {
            context.out.result(&json!({ "would_revert": names }), lines("would revert", &names))?;
            note("lectern: nothing was reverted: add --yes to revert these; what their tables and columns hold is lost");
            return Ok(ExitCode::from(USAGE));
        }
        let reverted = schema.migrator().downgrade(&revision)?;
        let names: Vec<&str> = reverted.iter().map(|one| one.name.as_str()).collect();
        let json: Vec<Value> = reverted
            .iter()
            .map(|one| json!({ "migration": one.name, "milliseconds": one.took.map(|took| took.as_millis() as u64) }))
            .collect();
        context.out.result(&json!({ "reverted": json }), lines("reverted", &names))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(what: &str, names: &[&str]) -> String {
    if names.is_empty() {
        return "there is nothing to revert\n".to_owned();
    }
    names.iter().map(|name| format!("{what} {name}\n")).collect()
}
