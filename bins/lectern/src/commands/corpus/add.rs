//! `lectern corpus add`.

use super::progress::Report;
use crate::{args::collection, context::Context};
use lectern_compose::load_limits;
use lectern_domain::{Invalid, collection::CollectionName, language::Language};
use lectern_service::corpora::{LoadRequest, load};
use std::{path::PathBuf, process::ExitCode, str::FromStr};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The collection, made where it is not there [default: search.default_collection]
    #[arg(long, value_name = "NAME", value_parser = collection)]
    collection: Option<CollectionName>,
    /// The language of a new collection: fr, en, de, es, it, pt, or auto, which asks the first documents and takes fr where they do not
    /// tell. A collection keeps its language
    #[arg(long, default_value = "auto")]
    language: Choice,
    /// Return as soon as everything is stored, before it can be found
    #[arg(long)]
    no_wait: bool,
}

/// A language, or none to find out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice(pub(super) Option<Language>);

impl FromStr for Choice {
    type Err = Invalid;

    fn from_str(word: &str) -> Result<Self, Invalid> {
        if word == "auto" { Ok(Self(None)) } else { word.parse().map(|language| Self(Some(language))) }
    }
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let request = LoadRequest {
            paths: self.paths,
            collection: context.collection(self.collection)?,
            language: self.language.0,
            limits: load_limits(&context.settings)?,
            wait: !self.no_wait,
        };
        let app = context.open().await?;
        if !self.no_wait {
            context.follow(&app);
        }
        let mut report = Report::new();
        let loaded = Box::pin(load(&app, request, |event| report.take(event))).await;
        report.end();
        let loaded = loaded?;
        context.out.result(&report.view(&loaded), report.summary(&loaded, "there are no documents (.jsonl, .md, .txt, .html) there"))?;
        Ok(if loaded.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
