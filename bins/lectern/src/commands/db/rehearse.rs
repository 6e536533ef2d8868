//! `lectern db rehearse`.

use super::{ending::Ending, revision_of, travel::Travel};
use crate::context::Context;
use lectern_service::schema::{Removal, Revision, Schema, rehearse};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Up to where: head, a version or its first digits, +N
    #[arg(default_value = "head", value_parser = revision_of, allow_hyphen_values = true)]
    revision: Revision,
    /// Leave the vectors out of the copy that it is tried on
    #[arg(long)]
    without_vectors: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let removal = Removal::default();
        let ending = Ending::new(removal.clone())?;
        let travel = Travel::new();
        let rehearsal = rehearse(schema, &self.revision, self.without_vectors, &removal, &mut |progress| travel.take(progress));
        travel.end();
        ending.wait();
        let rehearsal = rehearsal?;
        let took = |milliseconds: Option<std::time::Duration>| milliseconds.map(|took| took.as_millis() as u64);
        let json: Vec<Value> =
            rehearsal.applied.iter().map(|one| json!({ "migration": one.name, "milliseconds": took(one.took) })).collect();
        let rows: u64 = rehearsal.copied.tables.iter().map(|table| table.rows).sum();
        let mut lines = format!("tried on a copy of {} rows, which is gone again\n", indicatif::HumanCount(rows));
        for one in &rehearsal.applied {
            lines.push_str(&format!("{} took {} ms\n", one.name, took(one.took).unwrap_or_default()));
        }
        if rehearsal.applied.is_empty() {
            lines.push_str("there is nothing to apply\n");
        }
        Ok(context.out.result(&json!({ "rows": rows, "applied": json }), lines)?)
    }
}
