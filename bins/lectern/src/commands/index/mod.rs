//! `lectern index`.

mod drop;
mod rebuild;
mod repair;
mod snapshot;
mod status;
mod switch;
mod verify;
mod view;

use crate::{args::collection_key, context::Context};
use lectern_domain::collection::CollectionKey;
use lectern_service::index::Chosen;
use std::{process::ExitCode, time::Duration};

/// The exit code where an index does not hold what the database says.
const DIFFERENT: u8 = 7;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show the generations of each collection, and how far their indexes are
    Status(status::Args),
    /// Build a new generation of a collection beside the one that serves: of the configured embedding model, from what the database holds
    Rebuild(rebuild::Args),
    /// Search a collection by another generation from now on: refused (4) where it differs from the database, 6 where it lags behind
    Switch(switch::Args),
    /// Drop a generation that no collection is searched by
    Drop(drop::Args),
    /// Have the store of the vectors make a snapshot of each generation, which it keeps: for a Qdrant
    Snapshot(snapshot::Args),
    /// Compare the indexes with the database: exit code 0 where they agree, 7 where not, 6 where they did not reach the end of the log in time
    Verify(verify::Args),
    /// Put right what verify finds: exit code 0 where nothing is left of it, else as verify
    Repair(repair::Args),
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Status(args) => args.run(context).await,
            Self::Rebuild(args) => args.run(context).await,
            Self::Switch(args) => args.run(context).await,
            Self::Drop(args) => args.run(context).await,
            Self::Snapshot(args) => args.run(context).await,
            Self::Verify(args) => args.run(context).await,
            Self::Repair(args) => args.run(context).await,
        }
    }
}

/// Which collections.
#[derive(Debug, clap::Args)]
struct Collections {
    /// Of this collection alone; may be given several times [default: all collections]
    #[arg(long, value_name = "NAME", value_parser = collection_key)]
    collection: Vec<CollectionKey>,
}

impl Collections {
    fn chosen(self) -> Chosen {
        Chosen(self.collection)
    }
}

/// How long to wait.
#[derive(Debug, clap::Args)]
struct Patience {
    /// Give up after so many seconds in which the indexes have not reached the end of the log
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = clap::value_parser!(u32).range(1..))]
    wait: u32,
}

impl Patience {
    fn limit(&self) -> Duration {
        Duration::from_secs(self.wait.into())
    }
}
