//! `lectern db history`.

use crate::context::Context;
use lectern_service::schema::{Schema, Step};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also say when each was applied, how long that took, its checksum, whether it can be reverted and what applied it
    #[arg(short, long)]
    verbose: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let steps = schema.migrator().history()?;
        let json: Vec<Value> = steps.iter().map(view).collect();
        let lines: String = steps.iter().map(|step| line(step, self.verbose)).collect();
        Ok(context.out.result(&json!({ "migrations": json }), lines)?)
    }
}

/// A migration, without its scripts.
pub(super) fn view(step: &Step) -> Value {
    json!({
        "version": step.version,
        "name": step.name,
        "state": step.state.as_str(),
        "applied_at": step.applied_at.map(|time| time.to_rfc3339()),
        "milliseconds": step.took.map(|took| took.as_millis() as u64),
        "sha256": step.checksum,
        "reversible": step.is_reversible(),
        "transactional": step.in_transaction,
        "application": step.application,
    })
}

fn line(step: &Step, verbose: bool) -> String {
    let mut line = format!("{:<12}  {}\n", step.state.as_str(), step.name);
    if verbose {
        if let Some(at) = step.applied_at {
            let took = step.took.map_or_else(|| "unknown".to_owned(), |took| format!("{} ms", took.as_millis()));
            let application = step.application.as_deref().unwrap_or("unknown");
            line.push_str(&format!("    applied {} by version {application}, took {took}\n", at.format("%Y-%m-%d %H:%M:%S UTC")));
        }
        if let Some(checksum) = &step.checksum {
            line.push_str(&format!("    SHA-256 {checksum}\n"));
        }
        line.push_str(if step.is_reversible() { "    can be reverted\n" } else { "    cannot be reverted\n" });
    }
    line
}
