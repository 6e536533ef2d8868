//! The Diesel schema and the list of unique constraints say what the migrations make.

use crate::support::{BESIDE, lines};
use lectern_persistence::catalogue::Kind;
use lectern_persistence::{Backend, DbError, migrate};
use lectern_testkit::on_every_database;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)).expect("the source is there")
}

/// The columns of the `table!` macros as `table.column type null|not`.
fn declared() -> Vec<String> {
    let mut columns = Vec::new();
    for file in ["accounts", "conversations", "corpora", "change_log", "background", "files"] {
        let text = source(&format!("schema/{file}.rs"));
        let (mut table, mut renamed) = (String::new(), None);
        for line in text.lines().map(str::trim) {
            if let Some((name, _)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
                table = name.to_owned();
            } else if let Some(name) = line.strip_prefix("#[sql_name = \"").and_then(|line| line.strip_suffix("\"]")) {
                renamed = Some(name.to_owned());
            } else if let Some((name, kind)) = line.trim_end_matches(',').split_once(" -> ") {
                let name = renamed.take().unwrap_or_else(|| name.to_owned());
                let nullable = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
                columns.push(format!("{table}.{name} {} {}", nullable.unwrap_or(kind), if nullable.is_some() { "null" } else { "not" }));
            }
        }
    }
    columns.sort();
    columns
}

/// A declared column as SQLite's coarser types have it. Its keys of 64 bits are plain INTEGER.
fn on_sqlite(column: &str) -> String {
    let column = column.replace(" TimestampType ", " Text ").replace(" JsonType ", " Text ").replace(" UuidType ", " Binary ");
    if column.starts_with("changes.seq ") { column.replace(" BigInt ", " Integer ") } else { column }
}

/// The columns that the migrations' `catalogue.txt` add up to, as `table.column type null|not` with the types' names as the Diesel schema has them.
fn written_down(backend: Backend) -> Vec<String> {
    let types: &[(&str, &str)] = match backend {
        Backend::Postgres => &[
            ("integer", "Integer"),
            ("bigint", "BigInt"),
            ("text", "Text"),
            ("boolean", "Bool"),
            ("timestamp with time zone", "TimestampType"),
            ("jsonb", "JsonType"),
            ("uuid", "UuidType"),
            ("bytea", "Binary"),
            ("double precision", "Double"),
        ],
        // Several Diesel types are the same type of SQLite.
        Backend::Sqlite => {
            &[("integer", "Integer"), ("bigint", "BigInt"), ("text", "Text"), ("boolean", "Bool"), ("blob", "Binary"), ("double", "Double")]
        }
    };
    let catalogue = migrate::catalogue_of(&migrate::embedded(backend)).expect("it adds up");
    let mut columns = Vec::new();
    for (table, facts) in catalogue.tables().filter(|(table, _)| !BESIDE.contains(table)) {
        for (column, definition) in facts.iter().filter(|(fact, _)| fact.kind == Kind::Column) {
            let place = format!("{table}.{}", column.name);
            let ends = [" storage", " collate", " not null", " default", " generated"];
            let sql = ends.iter().filter_map(|end| definition.find(end)).min().map_or(definition.as_str(), |end| &definition[..end]);
            let diesel = types.iter().find(|(name, _)| *name == sql).unwrap_or_else(|| panic!("{place} has the unknown type {sql}")).1;
            columns.push(format!("{place} {diesel} {}", if definition.contains(" not null") { "not" } else { "null" }));
        }
    }
    columns.sort();
    columns
}

#[test]
fn the_diesel_schema_agrees_with_what_is_written_down() {
    let declared = declared();
    assert!(declared.len() > 100);
    for backend in [Backend::Postgres, Backend::Sqlite] {
        let found = written_down(backend);
        let expected: Vec<String> = match backend {
            Backend::Postgres => declared.clone(),
            Backend::Sqlite => declared.iter().map(|column| on_sqlite(column)).collect(),
        };
        let differ: Vec<_> =
            expected.iter().filter(|one| !found.contains(one)).chain(found.iter().filter(|one| !expected.contains(one))).collect();
        assert!(differ.is_empty(), "{backend}: {differ:#?}");
    }
}

#[test]
fn the_list_of_unique_constraints_is_complete() {
    let text = source("error/constraints.rs");
    let list = text.split_once("&[\n").and_then(|(_, rest)| rest.split_once("];")).expect("a list").0.replace(['\n', ' '], "");
    let declared: BTreeSet<String> = list
        .split("),")
        .filter_map(|pair| pair.trim_start_matches('(').split_once("\",\""))
        .map(|(columns, name)| format!("{} {}", columns.replace(['"', ' '], ""), name.replace(['"', ','], "")))
        .collect();
    let beside = BESIDE.join("', '");
    on_every_database(|test| {
        if test.database().backend() == Backend::Postgres {
            let sql = format!(
                "SELECT concat(string_agg(concat(t.relname, '.', a.attname), ',' ORDER BY k.place), ' ', i.relname) AS line
                FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
                CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(number, place)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
                WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'
                  AND t.relname NOT IN ('{beside}') GROUP BY i.relname"
            );
            let found = test.database().read::<_, DbError>(|conn| Ok(lines(conn, &sql))).expect("readable");
            assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), declared);
        }
    });
    // SQLite's catalogue has no names of constraints, but the columns must be the same.
    let test = lectern_testkit::TestDatabase::sqlite();
    let sql = format!(
        "SELECT group_concat(t.name || '.' || c.name, ',') AS line FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND i.\"unique\" = 1 AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND t.name NOT IN ('{beside}') GROUP BY i.name"
    );
    let found = test.database().read::<_, DbError>(|conn| Ok(lines(conn, &sql))).expect("readable");
    for columns in found {
        assert!(declared.iter().any(|one| one.split(' ').next() == Some(&columns)), "{columns} is not in the list");
    }
}
