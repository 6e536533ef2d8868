//! `lectern corpus`.

mod add;
mod import;
mod progress;

use crate::context::Context;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Load files and folders of documents (.jsonl, .md, .txt, .html) into a collection
    Add(add::Args),
    /// Take over texts and vectors from another program's Elasticsearch, Qdrant or pgvector, without embedding them again
    Import(import::Args),
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Add(args) => args.run(context).await,
            Self::Import(args) => args.run(context).await,
        }
    }
}
