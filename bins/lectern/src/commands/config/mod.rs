//! `lectern config`.

mod show;

use crate::context::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show every setting in force and where it came from, without secrets
    Show,
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Show => show::run(context),
        }
    }
}
