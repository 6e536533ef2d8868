//! `lectern db`.

mod upgrade;

use crate::context::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Bring the database's schema up to date
    Upgrade,
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Upgrade => upgrade::run(context),
        }
    }
}
