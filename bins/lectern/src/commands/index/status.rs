//! `lectern index status`.

use super::{Collections, view};
use crate::context::Context;
use lectern_service::index::status;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    of: Collections,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open().await?;
        let found = status(&app, &self.of.chosen()).await?;
        context.out.result(&view::status(&found), view::status_for_people(&found))?;
        Ok(ExitCode::SUCCESS)
    }
}
