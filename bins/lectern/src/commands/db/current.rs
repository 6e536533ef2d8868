//! `lectern db current`.

use crate::context::Context;
use lectern_service::schema::{Schema, current};
use serde_json::json;
use std::process::ExitCode;

/// The exit code where migrations are pending.
const BEHIND: u8 = 3;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// End with 3 where migrations are pending
    #[arg(long)]
    check: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<ExitCode> {
        let current = current(schema)?;
        let (version, name) = current.at.clone().unzip();
        let json = json!({
            "version": version,
            "name": name,
            "head": current.is_head(),
            "pending": current.pending,
            "unknown": current.unknown,
        });
        let place = name.unwrap_or_else(|| "base".to_owned());
        let head = if current.is_head() { " (head)" } else { "" };
        context.out.result(&json, format_args!("{place}{head}\n"))?;
        Ok(if self.check && current.pending > 0 { ExitCode::from(BEHIND) } else { ExitCode::SUCCESS })
    }
}
