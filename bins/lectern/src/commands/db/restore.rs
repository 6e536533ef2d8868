//! `lectern db restore`.

use super::{
    archive::{KeyArgs, place},
    travel::Travel,
};
use crate::{context::Context, output::note};
use anyhow::Context as _;
use lectern_service::{
    ServiceError,
    schema::{Input, Merged, OnConflict, Place, RestoreOptions, RestoreRequest, Restored, Schema, TransferError, restore},
};
use serde_json::{Value, json};
use std::time::Instant;

/// What is said of a restore that failed.
const NOTHING: &str = "nothing was restored, the database is as it was";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive, or - for standard input
    #[arg(value_name = "FILE", value_parser = place)]
    file: Place,
    /// What to do with a row whose key the database has already
    #[arg(long, value_enum, default_value_t = Policy::Error)]
    on_conflict: Policy,
    /// Leave out the checkpoints of conversation agents, which the other backend cannot read
    #[arg(long)]
    without_checkpoints: bool,
    #[command(flatten)]
    keys: KeyArgs,
}

/// As [`OnConflict`].
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Policy {
    /// Restore nothing
    Error,
    /// Restore nothing, unless the rows are the same
    SkipIdentical,
    /// Keep the database's row
    Skip,
    /// Take the archive's row
    Replace,
}

impl From<Policy> for OnConflict {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Error => Self::Error,
            Policy::SkipIdentical => Self::SkipIdentical,
            Policy::Skip => Self::Skip,
            Policy::Replace => Self::Replace,
        }
    }
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        let from = Input::open(&self.file).map_err(ServiceError::from).context(NOTHING)?;
        let keys = self.keys.keys(context, &from)?;
        let options = RestoreOptions { on_conflict: self.on_conflict.into(), without_checkpoints: self.without_checkpoints };
        let request = RestoreRequest { from, keys, options };
        let begun = Instant::now();
        let travel = Travel::new();
        let restored = restore(schema, request, &mut |progress| travel.take(progress));
        travel.end();
        let restored = match restored {
            Err(error @ ServiceError::Transfer(TransferError::Upgrade(_) | TransferError::InDoubt(_))) => return Err(error.into()),
            restored => restored.context(NOTHING)?,
        };
        for table in &restored.left_out {
            note(format_args!("the rows of {table} were left out"));
        }
        let mut view = view(&restored);
        view["milliseconds"] = json!(begun.elapsed().as_millis() as u64);
        Ok(context.out.result(&view, summary(&restored))?)
    }
}

fn view(restored: &Restored) -> Value {
    let tables: Vec<Value> = restored
        .tables
        .iter()
        .map(|(name, merged)| {
            let Merged { inserted, replaced, identical, skipped } = merged;
            json!({ "name": name, "inserted": inserted, "replaced": replaced, "identical": identical, "skipped": skipped })
        })
        .collect();
    json!({
        "was_empty": restored.was_empty,
        "created_at": restored.header.about.created_at,
        "tables": tables,
        "left_out": restored.left_out,
        "upgraded": restored.upgraded.iter().map(|one| &one.name).collect::<Vec<_>>(),
    })
}

fn summary(restored: &Restored) -> String {
    let mut all = Merged::default();
    for (_, Merged { inserted, replaced, identical, skipped }) in &restored.tables {
        all.inserted += inserted;
        all.replaced += replaced;
        all.identical += identical;
        all.skipped += skipped;
    }
    let count = indicatif::HumanCount;
    let mut line = format!("restored {} rows", count(all.inserted));
    for (number, what) in [(all.replaced, "replaced"), (all.identical, "there already, the same"), (all.skipped, "there already, kept")] {
        if number > 0 {
            line.push_str(&format!(", {} {what}", count(number)));
        }
    }
    for one in &restored.upgraded {
        line.push_str(&format!("\napplied {}", one.name));
    }
    line + "\n"
}
