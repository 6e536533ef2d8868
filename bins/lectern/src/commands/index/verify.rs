//! `lectern index verify`.

use super::{Collections, DIFFERENT, Patience, view};
use crate::context::Context;
use lectern_service::index::verify;
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
        let checked = Box::pin(verify(&app, &self.of.chosen(), self.patience.limit())).await?;
        context.out.result(&view::checked(&checked), view::checked_for_people(&checked))?;
        Ok(if checked.differences() == 0 { ExitCode::SUCCESS } else { ExitCode::from(DIFFERENT) })
    }
}
