//! `lectern corpus`.

mod add;
mod progress;

use crate::context::Context;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Load files and folders of documents (.jsonl, .md, .txt, .html) into a collection
    Add(add::Args),
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Add(args) => args.run(context).await,
        }
    }
}
