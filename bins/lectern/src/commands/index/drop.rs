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
        let whole = Box::pin(index::drop(&app, GenerationId(self.generation))).await?;
        let rest = if whole { "" } else { ": a store could not be asked, and drops what it holds when a server reaches it" };
        let json = json!({ "dropped": self.generation, "stores": whole });
        context.out.result(&json, format_args!("generation {} is dropped{rest}\n", self.generation))?;
        Ok(ExitCode::SUCCESS)
    }
}
