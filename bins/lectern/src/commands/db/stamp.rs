//! `lectern db stamp`.

use super::revision_of;
use crate::context::Context;
use lectern_service::schema::{Revision, Schema};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the database is: head, base, a version or its first digits
    #[arg(value_parser = revision_of, allow_hyphen_values = true)]
    revision: Revision,
    /// Also where the database is not like that
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let stamped = schema.migrator().stamp(&self.revision, self.force)?;
        let added = stamped.added.iter().map(|name| format!("counts as applied: {name}\n"));
        let removed = stamped.removed.iter().map(|name| format!("counts as not applied: {name}\n"));
        let lines: String = added.chain(removed).collect();
        let lines = if lines.is_empty() { "nothing to change\n".to_owned() } else { lines };
        Ok(context.out.result(&json!({ "added": stamped.added, "removed": stamped.removed }), lines)?)
    }
}
