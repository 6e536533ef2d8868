//! From a question to the engine's query.

use super::{fuzzy, opened::Opened, schema::Fields};
use crate::LexicalQuery;
use lectern_domain::{
    facts::{Condition, fact},
    filter::{Field, Filter},
    ids::ChunkId,
};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    ops::{Bound, Range},
};
use tantivy::{
    Searcher, Term,
    query::{AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery},
    schema::IndexRecordOption,
};
use uuid::Uuid;

/// The most distinct terms of a question that are looked up; of a longer question the rarest count.
const MOST_TERMS: usize = 64;

/// The most distinct terms that are looked at to find the rarest.
const MOST_CANDIDATES: usize = 1024;

/// The chunks that hold the question's words, ranked by BM25, as far as the filter lets them pass.
pub(crate) fn matching(opened: &Opened, searcher: &Searcher, query: &LexicalQuery) -> tantivy::Result<Box<dyn Query>> {
    Ok(filtered(opened.fields, words(opened, searcher, query)?, query.filter.as_ref()))
}

/// The chunks that the caller prefers, ranked by the question's words where they hold some.
pub(crate) fn preferred(opened: &Opened, searcher: &Searcher, query: &LexicalQuery) -> tantivy::Result<Option<Box<dyn Query>>> {
    if query.prefer.is_empty() {
        return Ok(None);
    }
    let fields = opened.fields;
    let mut terms: Vec<Term> =
        query.prefer.iter().map(|id| fields.fact_term(&fact(&Field::ExternalId, &Value::from(id.as_str())))).collect();
    terms.extend(query.prefer.iter().filter_map(|id| Uuid::parse_str(id).ok()).map(|id| fields.id_term(ChunkId(id))));
    let chosen = ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), 0.0);
    let ranked =
        BooleanQuery::new(vec![(Occur::Must, Box::new(chosen) as Box<dyn Query>), (Occur::Should, words(opened, searcher, query)?)]);
    Ok(Some(filtered(fields, Box::new(ranked), query.filter.as_ref())))
}

/// The question's words: any of them, each weighed by BM25.
fn words(opened: &Opened, searcher: &Searcher, query: &LexicalQuery) -> tantivy::Result<Box<dyn Query>> {
    let mut seen = HashSet::new();
    let mut terms = opened.analyser.terms(&query.text);
    terms.retain(|term| seen.insert(term.clone()));
    terms.truncate(MOST_CANDIDATES);
    if terms.len() > MOST_TERMS {
        let mut rated = Vec::with_capacity(terms.len());
        for term in terms {
            rated.push((searcher.doc_freq(&Term::from_field_text(opened.fields.body, &term))?, term));
        }
        rated.retain(|(documents, _)| *documents > 0 || query.fuzzy);
        rated.sort_by_key(|(documents, _)| *documents);
        terms = rated.into_iter().take(MOST_TERMS).map(|(_, term)| term).collect();
    }
    let mut weights: HashMap<String, f32> = terms.iter().map(|term| (term.clone(), 1.0)).collect();
    if query.fuzzy {
        for term in &terms {
            fuzzy::expand(searcher, opened.fields.body, term, &mut weights)?;
        }
    }
    let mut weights: Vec<(String, f32)> = weights.into_iter().collect();
    // The order in which scores are summed decides their last bits: the same question gives the same list.
    weights.sort_by(|a, b| a.0.cmp(&b.0));
    let any = weights.into_iter().map(|(term, weight)| {
        let exact: Box<dyn Query> =
            Box::new(TermQuery::new(Term::from_field_text(opened.fields.body, &term), IndexRecordOption::WithFreqs));
        if weight == 1.0 { exact } else { Box::new(BoostQuery::new(exact, weight)) }
    });
    Ok(Box::new(BooleanQuery::union(any.collect())))
}

/// `query`, limited to what satisfies the filter; the filter adds nothing to scores.
fn filtered(fields: Fields, query: Box<dyn Query>, filter: Option<&Filter>) -> Box<dyn Query> {
    match filter {
        None => query,
        Some(filter) => {
            let condition = ConstScoreQuery::new(condition(fields, &Condition::of(filter)), 0.0);
            Box::new(BooleanQuery::new(vec![(Occur::Must, query), (Occur::Must, Box::new(condition))]))
        }
    }
}

/// A filter in the engine's words.
fn condition(fields: Fields, condition: &Condition) -> Box<dyn Query> {
    let clauses = |parts: &[Condition], occur: Occur| parts.iter().map(|part| (occur, self::condition(fields, part))).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) if parts.is_empty() => Box::new(AllQuery),
        Condition::All(parts) => Box::new(BooleanQuery::new(clauses(parts, Occur::Must))),
        Condition::Any(parts) if parts.is_empty() => Box::new(EmptyQuery),
        Condition::Any(parts) => Box::new(BooleanQuery::new(clauses(parts, Occur::Should))),
        Condition::Not(part) => {
            Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, self::condition(fields, part))]))
        }
        Condition::Has(words) => Box::new(TermSetQuery::new(words.iter().map(|word| fields.fact_term(word)))),
        Condition::Within(ranges) => {
            let range = |range: &Range<String>| -> Box<dyn Query> {
                let (start, end) = (fields.fact_term(&range.start), fields.fact_term(&range.end));
                Box::new(RangeQuery::new(Bound::Included(start), Bound::Excluded(end)))
            };
            Box::new(BooleanQuery::union(ranges.iter().map(range).collect()))
        }
    }
}
