//! What is said of an adoption, to people and to programs.

use lectern_service::schema::{Adopted, Extent, Finding, KEPT_IN, LeftOut, TableRows};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The most examples that people are shown of one finding.
const EXAMPLES: usize = 20;

pub(super) fn findings(all: &[Finding]) -> Vec<Value> {
    let view = |Finding { what, rows, examples, remedy, query }: &Finding| json!({ "what": what, "rows": rows, "examples": examples, "remedy": remedy, "query": query });
    all.iter().map(view).collect()
}

/// What stands in the way, and what to do about each.
pub(super) fn refused(all: &[Finding]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for Finding { what, rows, examples, remedy, query } in all {
        let _ = match rows {
            Some(rows) => writeln!(text, "{what} ({rows} {})", plural(*rows)),
            None => writeln!(text, "{what}"),
        };
        for example in examples.iter().take(EXAMPLES) {
            let _ = writeln!(text, "    {example}");
        }
        let more = rows.unwrap_or_else(|| i64::try_from(examples.len()).unwrap_or(i64::MAX)) - examples.len().min(EXAMPLES) as i64;
        if more > 0 && examples.len() >= EXAMPLES {
            let _ = writeln!(text, "    and {more} more");
        }
        if let Some(query) = query {
            let _ = writeln!(text, "  all of them: {query}");
        }
        let _ = writeln!(text, "  what to do: {remedy}");
    }
    text
}

fn plural(rows: i64) -> &'static str {
    if rows == 1 { "row" } else { "rows" }
}

pub(super) fn adopted(adopted: &Adopted) -> Value {
    let milliseconds = |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let table = |one: &TableRows| json!({ "name": one.name, "before": one.before, "after": one.after });
    let left_out = |one: &LeftOut| json!({ "table": one.table, "why": one.why, "rows": one.rows, "examples": one.examples });
    json!({
        "time_zone": adopted.time_zone,
        "bytes": adopted.bytes,
        "tables": adopted.tables.iter().map(table).collect::<Vec<_>>(),
        "left_out": adopted.left_out.iter().map(left_out).collect::<Vec<_>>(),
        "grants": adopted.grants,
        "migrations": adopted.migrations.iter().map(|one| json!({ "migration": one.name, "milliseconds": one.took.map(milliseconds) })).collect::<Vec<_>>(),
        "milliseconds": adopted.took.map(milliseconds),
        "kept_in": KEPT_IN,
    })
}

/// What became of the rows, or would.
pub(super) fn report(adopted: &Adopted, extent: Extent) -> String {
    let mut text = String::new();
    for TableRows { name, before, after } in &adopted.tables {
        let _ = writeln!(text, "{name}\t{before} rows before\t{after} after");
    }
    for LeftOut { table, why, rows, examples } in &adopted.left_out {
        let _ = writeln!(text, "left out: {rows} {} of {table}: {why}", plural(*rows));
        for example in examples.iter().take(EXAMPLES) {
            let _ = writeln!(text, "    {example}");
        }
        if *rows > EXAMPLES as i64 {
            let _ = writeln!(text, "    and {} more", rows - EXAMPLES as i64);
        }
    }
    for grant in &adopted.grants {
        let _ = writeln!(text, "not carried over: {grant}");
    }
    let _ = writeln!(text, "times are read as those of {}", adopted.time_zone);
    let seconds = adopted.took.map(|took| took.as_secs_f64()).unwrap_or_default();
    let size = adopted.bytes / 1_000_000;
    let _ = match extent {
        Extent::Look => writeln!(text, "nothing stands in the way; the copy takes about as much as the old tables have: {size} MB"),
        Extent::Rehearse => writeln!(text, "it took {seconds:.1} s, and everything was undone"),
        Extent::Whole => writeln!(
            text,
            "adopted in {seconds:.1} s; the old tables are in the schema {KEPT_IN}, {size} MB: give the database back with `lectern db adopt --undo`, or, when \
             all is well, let them go with `DROP SCHEMA {KEPT_IN} CASCADE`"
        ),
    };
    text
}
