//! One search.

use crate::context::Context;
use lectern_domain::access::Principal;
use lectern_service::{
    ServiceError,
    search::{Found, Results, SearchRequest, search},
};
use serde_json::{Value, json};
use std::fmt;

/// The characters of a passage that people are shown.
const SHOWN: usize = 300;

pub(super) async fn run(context: &Context, request: SearchRequest) -> anyhow::Result<()> {
    if request.text.trim().is_empty() {
        return Err(ServiceError::EmptyQuery.into());
    }
    let app = context.open_caught_up().await?;
    let results = search(&app, Principal::Operator, &request).await?;
    let passages: Vec<Value> = results.passages.iter().zip(1..).map(|(found, rank)| view(rank, found)).collect();
    let json = json!({ "query": request.text, "method": results.method, "results": passages });
    Ok(context.out.result(&json, Shown(&results))?)
}

fn view(rank: usize, found: &Found) -> Value {
    let chunk = &found.chunk;
    json!({
        "rank": rank,
        "score": found.score,
        "document": chunk.external_id,
        "chunk": chunk.id,
        "title": chunk.title,
        "heading": chunk.heading,
        "url": chunk.url,
        "source": chunk.source,
        "metadata": chunk.metadata,
        "text": chunk.text,
    })
}

/// A list for people.
struct Shown<'a>(&'a Results);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.passages.is_empty() {
            return writeln!(f, "nothing was found");
        }
        for (found, rank) in self.0.passages.iter().zip(1..) {
            let chunk = &found.chunk;
            let title = if chunk.title.is_empty() { &chunk.external_id } else { &chunk.title };
            let mut words = chunk.text.split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some((end, _)) = words.char_indices().nth(SHOWN) {
                words.truncate(end);
                words.push('…');
            }
            writeln!(f, "{rank}. {title} [{}] {:.4}\n   {words}", chunk.external_id, found.score)?;
        }
        Ok(())
    }
}
