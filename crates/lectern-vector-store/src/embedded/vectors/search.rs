//! Searching one graph: through its links, or exactly where that is cheaper or the links would find too little.

use super::{
    graph::{Graph, Usearch, usearch},
    table::Table,
};
use crate::{
    VectorQuery,
    brute_force::{best_first, dot, unit},
};
use lectern_domain::search::Hit;
use usearch::Index;

/// Filters that leave less than one in this many are searched exactly: the links lead mostly to what does not pass.
const RARE: usize = 50;

/// The nearest chunks of a graph. The query has the graph's dimensions.
pub(crate) fn search(graph: &Graph, query: &VectorQuery, exact_below: usize) -> Result<Vec<Hit>, Usearch> {
    let vector = unit(&query.vector);
    let index = graph.index();
    let table = graph.table();
    let limit = query.limit.min(table.len());
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut hits = match &query.filter {
        None if table.len() < exact_below => pair(&index.exact_search(&vector, limit).map_err(usearch)?, &table),
        None => pair(&index.search(&vector, limit).map_err(usearch)?, &table),
        Some(filter) => {
            let (passing, chunks) = table.passing(filter);
            let passes = |document: u32| passing.get(document as usize).copied().unwrap_or(false);
            if chunks < exact_below.max(table.len() / RARE) {
                scan(&index, &table, &vector, passes)?
            } else {
                let passes = |key: u64| table.slot(key).is_some_and(|slot| passes(slot.document));
                pair(&index.filtered_search(&vector, limit, passes).map_err(usearch)?, &table)
            }
        }
    };
    best_first(&mut hits);
    hits.truncate(limit);
    Ok(hits)
}

/// The chunks behind what usearch found; the distance of unit vectors is 1 minus their cosine.
fn pair(found: &usearch::ffi::Matches, table: &Table) -> Vec<Hit> {
    let pairs = found.keys.iter().zip(&found.distances);
    pairs.filter_map(|(&key, distance)| table.slot(key).map(|slot| Hit { chunk: slot.chunk, score: 1.0 - distance })).collect()
}

/// Every chunk whose document passes.
fn scan(index: &Index, table: &Table, query: &[f32], passes: impl Fn(u32) -> bool) -> Result<Vec<Hit>, Usearch> {
    let mut hits = Vec::new();
    let mut vector = vec![0.0f32; query.len()];
    for (key, slot) in table.slots().iter().enumerate() {
        if let Some(slot) = slot
            && passes(slot.document)
            && index.get(key as u64, &mut vector).map_err(usearch)? == 1
        {
            hits.push(Hit { chunk: slot.chunk, score: dot(query, &vector) });
        }
    }
    Ok(hits)
}
