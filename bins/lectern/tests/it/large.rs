//! What an upgrade costs where there are many rows: a million streams with `LECTERN_SOAK` set, otherwise fewer.

use crate::support::{Place, on_every_empty_database};
use lectern_testkit::database::execute;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// The last migration before the streams are there to be filled.
const STREAMS: &str = "20261121000200";

/// One that has to read and write all of them.
const WIDE: &str = "2999-01-01-000000_words";

#[expect(clippy::disallowed_methods, reason = "the size of tests is told by the environment")]
fn streams() -> usize {
    if std::env::var_os("LECTERN_SOAK").is_some() { 1_000_000 } else { 5_000 }
}

/// The program's own migrations, and the wide one after them.
fn migrations(place: &Place) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    for backend in ["postgres", "sqlite"] {
        for folder in fs::read_dir(own.join(backend)).unwrap() {
            let folder = folder.unwrap();
            for file in ["up.sql", "down.sql"] {
                let name = format!("m/{backend}/{}/{file}", folder.file_name().to_string_lossy());
                place.write(&name, fs::read(folder.path().join(file)).unwrap());
            }
        }
        let up = "ALTER TABLE streams ADD COLUMN words INTEGER;\nUPDATE streams SET words = length(query);\nCREATE INDEX ix_streams_words ON streams (words);\n";
        place.write(&format!("m/{backend}/{WIDE}/up.sql"), up);
        place.write(&format!("m/{backend}/{WIDE}/down.sql"), "DROP INDEX ix_streams_words;\nALTER TABLE streams DROP COLUMN words;\n");
    }
}

fn fill(place: &Place) {
    let database = place.database.database();
    execute(
        database,
        "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('ann', 'a@example.org', 'a@example.org', 'x')",
    );
    let (text, series) = match place.database.name() {
        "postgres" => ("md5(i::text)", "generate_series(1, #) AS i"),
        _ => ("hex(randomblob(16))", "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < #) SELECT i FROM n)"),
    };
    let series = series.replace('#', &streams().to_string());
    execute(
        database,
        &format!("INSERT INTO streams (temperature, user_id, query, response) SELECT 20, 1, {text}, {text} || ' ' || {text} FROM {series}"),
    );
}

fn rows(place: &Place) -> Value {
    let tables = place.json(&["db", "tables"]);
    tables.as_array().unwrap().iter().find(|table| table["name"] == "streams").unwrap()["rows"].clone()
}

#[test]
fn an_upgrade_of_many_streams_is_measured_before_it_is_done() {
    on_every_empty_database(|place| {
        migrations(place);
        place.ok(&["db", "upgrade", STREAMS, "--folder", "m"]);
        fill(place);

        let tried = place.json(&["db", "upgrade", "--dry-run", "--folder", "m"]);
        let tried = tried["would_apply"].as_array().unwrap();
        for one in tried {
            let milliseconds = |name: &str| one[name].as_u64().unwrap_or_else(|| panic!("no {name} in {one}"));
            assert!(milliseconds("locked_milliseconds") <= milliseconds("milliseconds"), "{one}");
            println!(
                "{} with {} streams: {} in {} ms, of which {} ms lock {}",
                place.database.name(),
                streams(),
                one["migration"],
                milliseconds("milliseconds"),
                milliseconds("locked_milliseconds"),
                one["locked"]
            );
        }
        let locks_streams = |migration: &str| {
            let one = tried.iter().find(|one| one["migration"] == migration).unwrap_or_else(|| panic!("no {migration} in {tried:?}"));
            one["locked"].as_array().unwrap().contains(&json!("streams"))
        };
        // A reference to the streams holds them for a moment, a new column for as long as it takes to fill it.
        assert!(locks_streams("2026-11-21-000700_stream_runs") && locks_streams(WIDE), "{tried:?}");
        let sqlite = place.database.name() == "sqlite";
        for others in ["2026-11-21-000600_rate_limits", "2026-11-21-000900_freezes"] {
            assert_eq!(locks_streams(others), sqlite, "SQLite has one lock for all: {tried:?}");
        }
        assert_eq!(place.json(&["db", "current", "--folder", "m"])["pending"], tried.len(), "nothing was done");

        let done = place.json(&["db", "upgrade", "--folder", "m"]);
        let done: Vec<(&Value, &Value)> =
            done["applied"].as_array().unwrap().iter().map(|one| (&one["migration"], &one["milliseconds"])).collect();
        assert!(done.iter().all(|(_, milliseconds)| milliseconds.is_u64()), "{done:?}");
        println!("{} with {} streams, done: {done:?}", place.database.name(), streams());
        assert_eq!(done.iter().map(|(name, _)| *name).collect::<Vec<_>>(), tried.iter().map(|one| &one["migration"]).collect::<Vec<_>>());
        assert_eq!(rows(place), streams());
    });
}
