//! The commands, one file each.

mod ask;
mod config;
mod corpus;
mod db;
mod index;
mod model;
mod search;
mod user;

use crate::context::Context;
use std::process::ExitCode;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Load documents
    #[command(subcommand)]
    Corpus(corpus::Command),
    /// Find passages
    Search(search::Args),
    /// Answer a question, with its sources
    Ask(ask::Args),
    /// Look after accounts
    #[command(subcommand)]
    User(user::Command),
    /// Look after embedding models
    #[command(subcommand)]
    Model(model::Command),
    /// Look at the settings
    #[command(subcommand)]
    Config(config::Command),
    /// Look after the search indexes
    #[command(subcommand)]
    Index(index::Command),
    /// Look after the database
    Db(db::Args),
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Corpus(command) => return Box::pin(command.run(context)).await,
            Self::Index(command) => return Box::pin(command.run(context)).await,
            Self::Search(args) => Box::pin(args.run(context)).await?,
            Self::Ask(args) => Box::pin(args.run(context)).await?,
            Self::User(command) => Box::pin(command.run(context)).await?,
            Self::Model(command) => command.run(context)?,
            Self::Config(command) => command.run(context)?,
            Self::Db(args) => return args.run(context),
        }
        Ok(ExitCode::SUCCESS)
    }
}
