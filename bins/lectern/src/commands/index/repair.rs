//! `lectern index repair`.

use super::{Collections, DIFFERENT, Patience, view};
use crate::context::Context;
use lectern_service::index::repair;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    of: Collections,
    #[command(flatten)]
    patience: Patience,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open().await?;
        let repaired = Box::pin(repair(&app, &self.of.chosen(), self.patience.limit())).await?;
        let (before, left) = (repaired.before.differences(), repaired.after.differences());
        let json = json!({ "before": view::checked(&repaired.before), "after": view::checked(&repaired.after) });
        let people = format!("{}{before} differences before, {left} left\n", view::checked_for_people(&repaired.after));
        context.out.result(&json, people)?;
        Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
    }
}
