//! `lectern index rebuild`.

use crate::{args::collection_key, context::Context, output::note};
use lectern_domain::collection::CollectionKey;
use lectern_service::index::{Progress, Shape, rebuild};
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Of this collection
    #[arg(value_name = "COLLECTION", value_parser = collection_key)]
    collection: CollectionKey,
    /// The most characters of a chunk [default: as now]
    #[arg(long, value_name = "NUMBER")]
    chunk_chars: Option<u32>,
    /// The characters that a chunk may repeat of the one before it [default: as now]
    #[arg(long, value_name = "NUMBER")]
    chunk_overlap: Option<u32>,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let app = context.open().await?;
        let shape = Shape { chunk_chars: self.chunk_chars, chunk_overlap: self.chunk_overlap };
        let mut last = None;
        let built = Box::pin(rebuild(&app, &self.collection, shape, |progress| {
            if last != Some(progress) {
                note(told(progress));
            }
            last = Some(progress);
        }))
        .await?;
        let (generation, chunks) = (built.generation, last.map_or(0, |progress| progress.chunks));
        let json =
            json!({ "collection": self.collection.as_str(), "generation": generation.0, "created": built.created, "chunks": chunks });
        let name = &self.collection;
        let people =
            format!("{name}: generation {generation} is filled, {chunks} chunks; search by it with `lectern index switch {name}`\n");
        context.out.result(&json, people)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn told(progress: Progress) -> String {
    if progress.chunks == 0 && progress.cut > 0 {
        return format!("generation {}: {} documents cut", progress.generation, progress.cut);
    }
    let left = match progress.left {
        Some(left) if progress.embedded < progress.chunks => format!(", about {} s left", left.as_secs()),
        _ => String::new(),
    };
    format!("generation {}: {} of {} chunks embedded{left}", progress.generation, progress.embedded, progress.chunks)
}
