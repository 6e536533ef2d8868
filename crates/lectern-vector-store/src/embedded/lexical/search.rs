//! Searching one index.

use super::{opened::Opened, query, schema::chunk_id};
use crate::{LexicalQuery, ranking::Found};
use lectern_domain::search::Hit;
use std::collections::{HashMap, hash_map::Entry};
use tantivy::{DocAddress, Searcher, collector::TopDocs, query::Query};

/// Searches one index, for at most `query.limit` of each.
pub(crate) fn search(opened: &Opened, query: &LexicalQuery) -> tantivy::Result<Found> {
    let searcher = opened.reader.searcher();
    let preferred = match query::preferred(opened, &searcher, query)? {
        Some(preferred) => top(opened, &searcher, &*preferred, query.limit)?,
        None => Vec::new(),
    };
    let matching = top(opened, &searcher, &*query::matching(opened, &searcher, query)?, query.limit)?;
    Ok(Found { preferred, matching })
}

fn top(opened: &Opened, searcher: &Searcher, query: &dyn Query, limit: usize) -> tantivy::Result<Vec<Hit>> {
    let ranked = searcher.search(query, &TopDocs::with_limit(limit).order_by_score())?;
    let mut columns = HashMap::new();
    let mut hits = Vec::with_capacity(ranked.len());
    for (score, DocAddress { segment_ord, doc_id }) in ranked {
        let (high, low) = match columns.entry(segment_ord) {
            Entry::Occupied(columns) => columns.into_mut(),
            Entry::Vacant(vacant) => {
                let fast = searcher.segment_reader(segment_ord).fast_fields();
                let name = |field| searcher.schema().get_field_name(field);
                vacant.insert((fast.u64(name(opened.fields.high))?, fast.u64(name(opened.fields.low))?))
            }
        };
        if let (Some(high), Some(low)) = (high.first(doc_id), low.first(doc_id)) {
            hits.push(Hit { chunk: chunk_id(high, low), score });
        }
    }
    Ok(hits)
}
