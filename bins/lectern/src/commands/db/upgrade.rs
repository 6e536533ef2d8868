//! `lectern db upgrade`.

use super::revision_of;
use crate::context::Context;
use lectern_service::schema::{Applied, Revision, Schema, UpgradeOptions};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Up to where: head, a version or its first digits, +N
    #[arg(default_value = "head", value_parser = revision_of, allow_hyphen_values = true)]
    revision: Revision,
    /// Print the script instead of running it
    #[arg(long, conflicts_with = "dry_run")]
    sql: bool,
    /// Run it, tell how long each migration takes and what it locks, and undo everything
    #[arg(long)]
    dry_run: bool,
    /// Also apply what is older than what is applied already
    #[arg(long)]
    out_of_order: bool,
}

impl Args {
    /// Applies what is pending, and says what that was.
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        if self.sql {
            let scripts = schema.migrator().upgrade_script(&self.revision, self.out_of_order)?;
            let json: Vec<Value> = scripts.iter().map(|script| json!({ "migration": script.name, "sql": script.up })).collect();
            let text: String = scripts.iter().map(|script| format!("-- {}\n{}\n\n", script.name, script.up.trim_end())).collect();
            return Ok(context.out.result(&json!({ "scripts": json }), text)?);
        }
        let options = UpgradeOptions { dry_run: self.dry_run, out_of_order: self.out_of_order };
        let applied = schema.migrator().upgrade(&self.revision, options)?;
        let mut lines: String = applied.iter().map(|one| line(one, self.dry_run)).collect();
        if lines.is_empty() {
            lines.push_str("the database is up to date\n");
        }
        let json: Vec<Value> = applied.iter().map(|one| view(one, self.dry_run)).collect();
        let name = if self.dry_run { "would_apply" } else { "applied" };
        Ok(context.out.result(&json!({ name: json }), lines)?)
    }
}

fn milliseconds(one: &Applied) -> Option<u64> {
    one.took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

fn view(one: &Applied, dry_run: bool) -> Value {
    let mut json = json!({ "migration": one.name, "milliseconds": milliseconds(one) });
    if dry_run {
        json["rehearsed"] = json!(one.took.is_some());
        json["locked_milliseconds"] = json!(if one.locked.is_empty() { Some(0) } else { milliseconds(one) });
        json["locked"] = json!(one.locked);
    }
    json
}

fn line(one: &Applied, dry_run: bool) -> String {
    match (milliseconds(one), dry_run) {
        (Some(took), false) => format!("applied {} in {took} ms\n", one.name),
        (Some(took), true) if one.locked.is_empty() => format!("would apply {} in {took} ms, locking no table\n", one.name),
        (Some(took), true) => format!("would apply {} in {took} ms, locking {} for as long\n", one.name, one.locked.join(", ")),
        (None, _) => format!("would apply {}, not rehearsed: it runs outside a transaction\n", one.name),
    }
}
