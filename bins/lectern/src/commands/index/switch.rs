//! `lectern index switch`.

use super::Patience;
use crate::{args::collection_key, context::Context};
use lectern_domain::{collection::CollectionKey, ids::GenerationId};
use lectern_service::index::switch;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of this collection
    #[arg(value_name = "COLLECTION", value_parser = collection_key)]
    collection: CollectionKey,
    /// To this generation [default: the newest]
    #[arg(long, value_name = "NUMBER")]
    to: Option<i32>,
    #[command(flatten)]
    patience: Patience,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open().await?;
        let switched = Box::pin(switch(&app, &self.collection, self.to.map(GenerationId), self.patience.limit())).await?;
        let json = json!({ "collection": self.collection.as_str(), "from": switched.from.0, "to": switched.to.0 });
        let people = format!("{} is searched by generation {} now, instead of {}\n", self.collection, switched.to, switched.from);
        context.out.result(&json, people)?;
        Ok(ExitCode::SUCCESS)
    }
}
