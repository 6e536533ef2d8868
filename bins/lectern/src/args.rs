//! What is written after `lectern`.

use crate::commands::Command;
use clap::Parser;
use lectern_compose::CommonArgs;
use lectern_domain::collection::{CollectionKey, CollectionName};

/// The command line of Lectern.
#[derive(Debug, Parser)]
#[command(name = "lectern", version, about = "Load documents, search them, ask them questions, and look after Lectern")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Write the result as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Parses what a collection is unique under: its name, or `7/name` for a private one of account 7.
pub(crate) fn collection_key(key: &str) -> Result<CollectionKey, String> {
    CollectionKey::try_from(key.to_owned()).map_err(|invalid| invalid.message)
}

/// Parses a collection's name.
pub(crate) fn collection(name: &str) -> Result<CollectionName, String> {
    CollectionName::try_from(name.to_owned()).map_err(|invalid| invalid.message)
}
