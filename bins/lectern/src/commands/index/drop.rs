//! `lectern index drop`.

use crate::context::Context;
use lectern_domain::ids::GenerationId;
use lectern_service::index;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The generation's number, as `lectern index status` shows it
    #[arg(value_name = "GENERATION")]
    generation: i32,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open_without_model().await?;
        Box::pin(index::drop(&app, GenerationId(self.generation))).await?;
        context.out.result(&json!({ "dropped": self.generation }), format_args!("generation {} is dropped\n", self.generation))?;
        Ok(ExitCode::SUCCESS)
    }
}
