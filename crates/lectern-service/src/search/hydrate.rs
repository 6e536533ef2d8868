//! From ids to passages: what an index found counts only as far as SQL has it now and the caller may read it.

use super::{Found, SearchRequest};
use crate::{ServiceError, app::App};
use lectern_domain::{
    access::Scope,
    fields::FilterableFields,
    filter::{Field, Filter},
    ids::ChunkId,
    search::Hit,
};
use lectern_persistence::repo::chunks::{self, VisibleChunk};
use serde_json::Value;
use std::{borrow::Cow, collections::HashMap};

/// The visible passages among the hits that pass the request's filter as their rows are now, in the order of the hits, read in one query. Rows
/// are read for as many hits as are likely to be needed.
pub(super) async fn hydrate(app: &App, scope: &Scope, hits: Vec<Hit>, request: &SearchRequest) -> Result<Vec<Found>, ServiceError> {
    let &SearchRequest { limit, by_document, .. } = request;
    // A passage may have gone since it was indexed, and documents may share the first places: a few more than asked for are read at once.
    let likely = if by_document { limit * 2 } else { limit + limit / 4 + 2 };
    let (first, rest) = hits.split_at(likely.min(hits.len()));
    let mut passages = read(app, scope, first, request).await?;
    if passages.len() < limit && !rest.is_empty() {
        passages.extend(read(app, scope, rest, request).await?);
        if by_document {
            passages = Found::best_of_documents(passages);
        }
    }
    Ok(passages)
}

/// The chunks among `ids` that are there and in the scope, by their ids.
pub(super) async fn visible(app: &App, scope: &Scope, ids: Vec<ChunkId>) -> Result<HashMap<ChunkId, VisibleChunk>, ServiceError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let collections: Vec<_> = scope.generations().iter().map(|generation| generation.collection).collect();
    let rows = app.bridge.read(move |conn| chunks::visible(conn, &ids, &collections)).await?;
    Ok(rows.into_iter().filter(|row| scope.allows(row.collection)).map(|row| (row.id, row)).collect())
}

async fn read(app: &App, scope: &Scope, hits: &[Hit], request: &SearchRequest) -> Result<Vec<Found>, ServiceError> {
    let mut rows = visible(app, scope, hits.iter().map(|hit| hit.chunk).collect()).await?;
    if let Some(filter) = &request.filter {
        rows.retain(|_, row| scope.generations().iter().any(|of| of.collection == row.collection && passes(row, &of.fields, filter)));
    }
    let passages: Vec<Found> = hits.iter().filter_map(|hit| Some(Found { chunk: rows.remove(&hit.chunk)?, score: hit.score })).collect();
    Ok(if request.by_document { Found::best_of_documents(passages) } else { passages })
}

/// Whether a passage's document passes a filter, as SQL has it: an index knows this too, but not before it has followed.
fn passes(row: &VisibleChunk, fields: &FilterableFields, filter: &Filter) -> bool {
    let metadata = fields.of(&row.metadata);
    filter.matches(&|field| match field {
        Field::Source => row.source.as_deref().map(|source| Cow::Owned(Value::from(source))),
        Field::ExternalId => Some(Cow::Owned(Value::from(row.external_id.as_str()))),
        Field::Metadata(name) => metadata.get(name).map(Cow::Borrowed),
    })
}
