//! Rows in every table, whatever tables there are: values follow from the types, the foreign keys and the lists of allowed words.

use crate::support::lines;
use lectern_persistence::catalogue::{Catalogue, Facts, Kind};
use lectern_persistence::{Backend, Database, DbError, migrate};
use lectern_testkit::database::execute;
use std::collections::{BTreeMap, BTreeSet};

/// Columns whose conditions are not lists of words, and a value that meets them.
const VALUES: &[(&str, &str)] = &[("generations.chunk_chars", "500")];

/// Tables that stay empty: with a row in it, nothing can be written any more.
const EMPTY: &[&str] = &["freezes"];

/// Fills the tables that are empty with two rows each, the second one with NULL wherever that may be.
pub(crate) fn fill(database: &Database) {
    let catalogue = database.read(Catalogue::read).expect("readable");
    // SQLite's types don't tell a time from a text.
    let types = migrate::catalogue_of(&migrate::embedded(Backend::Postgres)).expect("it adds up");
    for table in in_order(&catalogue) {
        let count = database.read::<_, DbError>(|conn| Ok(lines(conn, &format!("SELECT 'x' AS line FROM \"{table}\"")).len()));
        if count.expect("readable") > 0 || EMPTY.contains(&table.as_str()) {
            continue;
        }
        let facts = catalogue.table(&table).expect("it is there");
        for row in 1..=2 {
            let values: Vec<(String, String)> = facts
                .iter()
                .filter(|(fact, definition)| fact.kind == Kind::Column && !definition.contains("generated always as ("))
                .map(|(fact, definition)| {
                    let other = types.table(&table).and_then(|facts| facts.get(fact)).unwrap_or(definition);
                    let sparse = row == 2 && !definition.contains("not null") && !is_key(facts, &fact.name);
                    let value = if sparse { "NULL".to_owned() } else { value(database.backend(), &table, facts, &fact.name, other, row) };
                    (format!("\"{}\"", fact.name), value)
                })
                .collect();
            let (columns, values): (Vec<String>, Vec<String>) = values.into_iter().unzip();
            execute(database, &format!("INSERT INTO \"{table}\" ({}) VALUES ({})", columns.join(", "), values.join(", ")));
        }
    }
}

fn is_key(facts: &Facts, column: &str) -> bool {
    facts.iter().any(|(fact, definition)| fact.kind == Kind::PrimaryKey && words(definition).contains(&column))
}

fn words(text: &str) -> Vec<&str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty()).collect()
}

/// A value by its type and the number of its row alone, so that what refers to a row finds it.
fn value(backend: Backend, table: &str, facts: &Facts, column: &str, definition: &str, row: usize) -> String {
    if let Some((_, value)) = VALUES.iter().find(|(place, _)| *place == format!("{table}.{column}")) {
        return (*value).to_owned();
    }
    let checks = facts.iter().filter(|(fact, _)| fact.kind == Kind::Check).map(|(_, definition)| definition);
    let allowed: Vec<&str> =
        checks.filter(|check| words(check).contains(&column)).flat_map(|check| check.split('\'').skip(1).step_by(2)).collect();
    if !allowed.is_empty() {
        return format!("'{}'", allowed[(row - 1) % allowed.len()]);
    }
    let on_postgres = backend == Backend::Postgres;
    let first = definition.split(" not null").next().unwrap_or_default();
    match first.split([' ', '(']).next().unwrap_or_default() {
        "integer" | "bigint" | "smallint" => row.to_string(),
        "double" | "real" | "numeric" => format!("{row}.5"),
        "boolean" => if row == 1 { "TRUE" } else { "FALSE" }.to_owned(),
        "timestamp" => format!("'2026-01-0{row}T00:00:00.000000Z'"),
        "jsonb" => format!("'{{\"row\": {row}}}'"),
        "uuid" if on_postgres => format!("'00000000-0000-0000-0000-00000000000{row}'"),
        "bytea" if on_postgres => format!("'\\x0{row}'"),
        "uuid" | "bytea" | "blob" => format!("X'{}0{row}'", "00".repeat(15)),
        "text" | "character" | "varchar" => format!("'text {row}'"),
        other => panic!("{table}.{column}: no value of the type {other} is known: add one here"),
    }
}

/// The tables, each after those that it refers to.
fn in_order(catalogue: &Catalogue) -> Vec<String> {
    let mut left: BTreeMap<&str, BTreeSet<String>> = catalogue
        .tables()
        .map(|(table, facts)| {
            let keys = facts.iter().filter(|(fact, _)| fact.kind == Kind::ForeignKey);
            let parents = keys.filter_map(|(_, definition)| {
                let words = words(definition);
                let at = words.iter().position(|word| word.eq_ignore_ascii_case("references"))?;
                words.get(at + 1).map(|&parent| parent.to_owned())
            });
            (table, parents.filter(|parent| parent != table).collect())
        })
        .collect();
    let mut order: Vec<String> = Vec::new();
    while !left.is_empty() {
        let next: Vec<&str> =
            left.iter().filter(|(_, parents)| parents.iter().all(|parent| order.contains(parent))).map(|(table, _)| *table).collect();
        assert!(!next.is_empty(), "foreign keys go round in a circle: {left:?}");
        for table in next {
            left.remove(table);
            order.push(table.to_owned());
        }
    }
    order
}

/// What is in the tables and columns that `both` has, a line a row.
pub(crate) fn contents(database: &Database, both: &Catalogue) -> Vec<String> {
    let mut all = Vec::new();
    for (table, facts) in both.tables() {
        let columns = facts.keys().filter(|fact| fact.kind == Kind::Column).map(|fact| match database.backend() {
            Backend::Postgres => format!("quote_nullable(\"{}\"::text)", fact.name),
            Backend::Sqlite => format!("quote(\"{}\")", fact.name),
        });
        let columns: Vec<String> = columns.collect();
        let sql = format!("SELECT concat_ws(' ', '{table}', {}) AS line FROM \"{table}\" ORDER BY 1", columns.join(", "));
        all.extend(database.read::<_, DbError>(|conn| Ok(lines(conn, &sql))).expect("readable"));
    }
    all
}

/// The columns that two schemas have in common, by table.
pub(crate) fn common(one: &Catalogue, other: &Catalogue) -> Catalogue {
    let mut common = Catalogue::default();
    for (table, facts) in one.tables() {
        let shared =
            facts.keys().filter(|fact| fact.kind == Kind::Column && other.table(table).is_some_and(|there| there.contains_key(fact)));
        let lines: String = shared.map(|fact| format!("+ column \"{}\"\n", fact.name)).collect();
        common.apply(&format!("table \"{table}\"\n{lines}")).expect("they are columns");
    }
    common
}
