//! `lectern index snapshot`.

use super::{Collections, view};
use crate::context::Context;
use lectern_service::index::snapshot;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    of: Collections,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open().await?;
        let made = snapshot(&app, &self.of.chosen()).await?;
        context.out.result(&view::snapshots(&made), view::snapshots_for_people(&made))?;
        Ok(ExitCode::SUCCESS)
    }
}
