//! `lectern db freeze` and `lectern db thaw`.

use crate::{context::Context, output::note};
use lectern_service::schema::{FreezeOptions, Schema, freeze, thaw};
use serde_json::json;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How long answers that are being written, and jobs, get to come to their end, in seconds; where they do not, nothing is frozen
    #[arg(long, value_name = "SECONDS", default_value_t = 60, conflicts_with = "now")]
    wait: u64,
    /// Freeze at once: what is still under way is lost
    #[arg(long)]
    now: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let frozen = freeze(schema, FreezeOptions { wait: Duration::from_secs(self.wait), now: self.now })?;
        let since = frozen.since.format("%Y-%m-%d %H:%M:%S UTC");
        let already = if frozen.already { "already " } else { "" };
        let json = json!({ "frozen": true, "since": frozen.since.to_rfc3339(), "already": frozen.already });
        let line = format!("the database is {already}frozen, since {since}: writes are refused until `lectern db thaw`\n");
        Ok(context.out.result(&json, line)?)
    }
}

pub(super) fn run_thaw(context: &Context, schema: &Schema) -> anyhow::Result<()> {
    let since = thaw(schema)?;
    if since.is_none() {
        note("lectern: the database was not frozen");
    }
    Ok(context.out.result(&json!({ "frozen": false, "since": since.map(|since| since.to_rfc3339()) }), "everybody may write\n")?)
}
