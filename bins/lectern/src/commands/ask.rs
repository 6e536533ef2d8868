//! `lectern ask`.

use crate::{args::collection, context::Context};
use lectern_domain::{access::Principal, collection::CollectionName};
use lectern_service::answer::{Answer, AskRequest, ask};
use serde_json::{Value, json};
use std::fmt;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The question
    question: String,
    /// The collection that answers [default: search.default_collection]
    #[arg(long, value_name = "NAME", value_parser = collection)]
    collection: Option<CollectionName>,
    /// The model that answers [default: llm.default_model, else the first one configured, else lectern-extractive]
    #[arg(long)]
    model: Option<String>,
    /// How many passages the model is given [default: what its prompt says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=100))]
    limit: Option<i32>,
}

impl Args {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<()> {
        let collections = vec![context.collection(self.collection)?];
        let app = context.open_caught_up().await?;
        context.follow(&app);
        let request = AskRequest { question: self.question, collections, model: self.model, limit: self.limit };
        let answer = Box::pin(ask(&app, Principal::Operator, request)).await?;
        Ok(context.out.result(&view(&answer), Shown(&answer))?)
    }
}

fn view(answer: &Answer) -> Value {
    let sources: Vec<Value> = answer
        .sources
        .iter()
        .map(|source| {
            json!({
                "number": source.number,
                "document": source.document,
                "chunk": source.chunk,
                "title": source.title,
                "url": source.url,
            })
        })
        .collect();
    json!({ "answer": answer.text, "model": answer.model, "sources": sources })
}

/// The answer, and below it its sources.
struct Shown<'a>(&'a Answer);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.0.text)?;
        if !self.0.sources.is_empty() {
            writeln!(f)?;
        }
        for source in &self.0.sources {
            let title = if source.title.is_empty() { &source.document } else { &source.title };
            write!(f, "[{}] {title}", source.number)?;
            source.url.as_ref().map_or(Ok(()), |url| write!(f, " <{url}>"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
