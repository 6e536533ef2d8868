//! `lectern search`.

mod query;
mod run;

use crate::{args::collection, context::Context};
use lectern_domain::{
    collection::{CollectionName, CollectionRef},
    search::Method,
};
use lectern_service::search::SearchRequest;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to look for
    #[arg(required_unless_present = "queries", conflicts_with = "queries")]
    query: Option<String>,
    /// The collection to search [default: search.default_collection]
    #[arg(long, value_name = "NAME", value_parser = collection)]
    collection: Option<CollectionName>,
    /// lexical, semantic or hybrid [default: hybrid, which is lexical without a model]
    #[arg(long)]
    method: Option<Method>,
    /// The most passages, or with --queries documents
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Search for every question of a file: one JSON object a line, with _id and text
    #[arg(long, value_name = "FILE", requires = "run")]
    queries: Option<PathBuf>,
    /// Where to write what was found for --queries, in the TREC run format: the best passage of each document
    #[arg(long, value_name = "OUT", requires = "queries")]
    run: Option<PathBuf>,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<()> {
        let request = SearchRequest {
            text: self.query.unwrap_or_default(),
            method: self.method,
            collections: Some(vec![CollectionRef::Shared(context.collection(self.collection)?)]),
            limit: self.limit as usize,
            by_document: self.queries.is_some(),
            filter: None,
            prefer: Vec::new(),
            fuzzy: false,
        };
        match (self.queries, self.run) {
            (Some(queries), Some(out)) => Box::pin(run::run(context, request, &queries, &out)).await,
            _ => Box::pin(query::run(context, request)).await,
        }
    }
}
