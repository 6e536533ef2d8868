//! Finding the nearest vectors.

use super::{Extension, pg, table::VectorTable};
use crate::{
    Conn, DbError,
    types::{UuidValue, sql::UuidType},
};
use diesel::{
    RunQueryDsl,
    connection::SimpleConnection,
    pg::{Pg, PgConnection},
    sql_query,
    sql_types::{Array, Double, Float, Integer, Text},
};
use lectern_domain::{facts::Condition, ids::ChunkId, search::Hit};
use std::time::Duration;

/// The most tables of one statement.
const TABLES: usize = 50;

/// The fewest and the most candidates that a walk through a graph keeps; the extension takes no more.
const CANDIDATES: (usize, usize) = (100, 1_000);

/// Searches for more than this compare every vector: a graph would be walked through from end to end.
const MOST_BY_GRAPH: usize = 500;

/// A condition on the facts of a row in SQL; what it is compared with goes to `values`, whose first number is `first`.
fn sql(condition: &Condition, values: &mut Vec<Vec<String>>, first: usize) -> String {
    let mut all = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| sql(part, values, first)).collect();
        format!("({})", parts.join(word))
    };
    match condition {
        Condition::All(parts) if parts.is_empty() => "TRUE".to_owned(),
        Condition::All(parts) => all(parts, " AND "),
        Condition::Any(parts) if parts.is_empty() => "FALSE".to_owned(),
        Condition::Any(parts) => all(parts, " OR "),
        Condition::Not(part) => format!("NOT {}", sql(part, values, first)),
        Condition::Has(facts) => {
            values.push(facts.clone());
            format!("facts && ${}", first + values.len() - 1)
        }
        Condition::Within(ranges) if ranges.is_empty() => "FALSE".to_owned(),
        Condition::Within(ranges) => {
            let (starts, ends) = ranges.iter().map(|range| (range.start.clone(), range.end.clone())).unzip();
            values.extend([starts, ends]);
            let (starts, ends) = (first + values.len() - 2, first + values.len() - 1);
            format!(
                "EXISTS (SELECT 1 FROM unnest(facts) AS fact JOIN unnest(${starts}::text[], ${ends}::text[]) AS range (least, most) \
                 ON fact COLLATE \"C\" >= least AND fact COLLATE \"C\" < most)"
            )
        }
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// Its vector, of the length that all tables have.
    pub vector: Vec<f32>,
    /// The most hits of each table.
    pub limit: usize,
    /// What a row must satisfy.
    pub condition: Option<Condition>,
    /// How long a statement may take.
    pub timeout: Duration,
}

#[derive(diesel::QueryableByName)]
struct Row {
    /// Which of the statement's tables it is of.
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = UuidType)]
    chunk_id: UuidValue,
    #[diesel(sql_type = Double)]
    score: f64,
}

/// The nearest chunks of these tables, which are there, in no order: the score is the cosine. Where a filter leaves too little of what a
/// graph finds first, the walk goes on, up to the extension's bound; what may be missing then is looked for row by row.
///
/// # Errors
/// [`DbError`] where the database fails, or is not done in time.
pub fn nearest(conn: &mut Conn, tables: &[VectorTable], extension: &Extension, query: &Nearest) -> Result<Vec<Hit>, DbError> {
    let conn = pg(conn)?;
    let candidates = (query.limit * 2).clamp(CANDIDATES.0, CANDIDATES.1);
    let by_graph = query.limit <= MOST_BY_GRAPH;
    // Of the session: these connections do nothing else, and a transaction would cost two more trips.
    conn.batch_execute(&format!(
        "SET statement_timeout = {}; SET hnsw.ef_search = {candidates}; SET hnsw.iterative_scan = relaxed_order; SET enable_indexscan = {by_graph}",
        query.timeout.as_millis()
    ))?;
    let mut hits = Vec::new();
    let mut short = Vec::new();
    for tables in tables.chunks(TABLES) {
        for (table, found) in tables.iter().zip(statement(conn, tables, extension, query)?) {
            if by_graph && query.condition.is_some() && found.len() < query.limit {
                short.push(table.clone());
            } else {
                hits.extend(found);
            }
        }
    }
    if !short.is_empty() {
        conn.batch_execute("SET enable_indexscan = off")?;
        for tables in short.chunks(TABLES) {
            hits.extend(statement(conn, tables, extension, query)?.into_iter().flatten());
        }
    }
    Ok(hits)
}

/// One statement: the hits of each of these tables.
fn statement(conn: &mut PgConnection, tables: &[VectorTable], extension: &Extension, query: &Nearest) -> Result<Vec<Vec<Hit>>, DbError> {
    let mut values = Vec::new();
    let condition = query.condition.as_ref().map(|condition| format!("WHERE {}", sql(condition, &mut values, 2))).unwrap_or_default();
    let of = |(place, table): (usize, &VectorTable)| {
        let distance = format!("embedding OPERATOR({}.<=>) $1::real[]::{}", extension.schema, table.sized(extension));
        format!(
            "(SELECT {place} AS place, chunk_id, 1 - ({distance}) AS score FROM {} {condition} ORDER BY {distance} LIMIT {})",
            table.sql(),
            query.limit
        )
    };
    let sql = tables.iter().enumerate().map(of).collect::<Vec<_>>().join(" UNION ALL ");
    let mut statement = sql_query(sql).into_boxed::<Pg>().bind::<Array<Float>, _>(&query.vector);
    for facts in values {
        statement = statement.bind::<Array<Text>, _>(facts);
    }
    let mut found = vec![Vec::new(); tables.len()];
    for row in statement.load::<Row>(conn)? {
        let of = usize::try_from(row.place).ok().and_then(|place| found.get_mut(place));
        // A vector of length zero is as far from everything as not a number.
        if let Some(of) = of.filter(|_| row.score.is_finite()) {
            of.push(Hit { chunk: ChunkId(row.chunk_id.0), score: row.score as f32 });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_have_their_values_beside_them() {
        let has = |fact: &str| Condition::Has(vec![fact.to_owned()]);
        let condition = Condition::All(vec![
            has("a"),
            Condition::Not(Box::new(Condition::Any(vec![has("b'; --"), Condition::Any(vec![])]))),
            Condition::All(vec![]),
            Condition::Within(vec![]),
            Condition::Within(vec!["c".to_owned().."d".to_owned()]),
            has("e"),
        ]);
        let mut values = Vec::new();
        let range = "EXISTS (SELECT 1 FROM unnest(facts) AS fact JOIN unnest($4::text[], $5::text[]) AS range (least, most) \
                     ON fact COLLATE \"C\" >= least AND fact COLLATE \"C\" < most)";
        let expect = format!("(facts && $2 AND NOT (facts && $3 OR FALSE) AND TRUE AND FALSE AND {range} AND facts && $6)");
        assert_eq!(sql(&condition, &mut values, 2), expect);
        assert_eq!(values, ["a", "b'; --", "c", "d", "e"].map(|value| vec![value.to_owned()]));
    }
}
