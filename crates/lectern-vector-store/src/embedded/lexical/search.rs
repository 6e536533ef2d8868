//! Searching one index.

use super::{opened::Opened, query, schema::chunk_id};
use crate::LexicalQuery;
use lectern_domain::search::Hit;
use std::collections::{HashMap, HashSet, hash_map::Entry};
use tantivy::{DocAddress, Searcher, collector::TopDocs, query::Query};

/// What an index finds.
#[derive(Default)]
pub(crate) struct Found {
    /// What the caller prefers, best first.
    pub(crate) preferred: Vec<Hit>,
    /// What holds the question's words, best first.
    pub(crate) matching: Vec<Hit>,
}

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

/// One list of what several indexes found: what is preferred comes first, then the rest, each best first.
pub(crate) fn merge(found: Vec<Found>, limit: usize) -> Vec<Hit> {
    let (mut preferred, mut matching) = (Vec::new(), Vec::new());
    for one in found {
        preferred.extend(one.preferred);
        matching.extend(one.matching);
    }
    for list in [&mut preferred, &mut matching] {
        list.sort_by(|a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then_with(|| a.chunk.cmp(&b.chunk)));
    }
    // Scores have to agree with the order, for those who merge by score.
    let lift = matching.first().map_or(0.0, |best| best.score);
    preferred.iter_mut().for_each(|hit| hit.score += lift);
    let first: HashSet<_> = preferred.iter().map(|hit| hit.chunk).collect();
    preferred.extend(matching.into_iter().filter(|hit| !first.contains(&hit.chunk)));
    preferred.truncate(limit);
    preferred
}
