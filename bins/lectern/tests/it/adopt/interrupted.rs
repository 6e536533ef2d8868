//! Others at work, and kills in the middle.

use super::filled;
use lectern_testkit::{albert::contents, comes, database::beside};
use serde_json::Value;
use std::process::Stdio;

#[test]
fn who_else_uses_the_tables_is_waited_for() {
    let Some(place) = filled() else { return };
    let before = contents(&place.database);
    let refused =
        beside(place.database.database(), "SELECT count(*) FROM feedbacks", || place.run(&["db", "adopt", "--lock-timeout", "0"]));
    assert_eq!(refused.code, Some(6), "{refused:?}");
    assert!(refused.err.contains("stop the programs that use the database"), "{refused:?}");
    assert_eq!(contents(&place.database), before);
}

#[test]
fn of_two_at_once_one_takes_it_over() {
    let Some(place) = filled() else { return };
    let adopt = || place.command(&["db", "adopt", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ended: Vec<Value> = [adopt(), adopt()]
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            serde_json::from_slice(&output.stdout).unwrap()
        })
        .collect();
    assert_eq!(ended.iter().filter(|one| one["adopted"].is_object()).count(), 1, "{ended:?}");
    assert_eq!(ended.iter().filter(|one| one["already"] == true).count(), 1, "{ended:?}");
}

#[test]
fn a_kill_in_the_middle_changes_nothing() {
    let Some(place) = filled() else { return };
    // What a start of the server leaves that is refused.
    place.error(4, &["db", "upgrade"]);
    let before = contents(&place.database);
    let history = place.json(&["db", "history"]);
    let migrations = history["migrations"].as_array().unwrap();
    for migration in [&migrations[0], migrations.last().unwrap()] {
        let version = migration["version"].as_str().unwrap();
        // Somebody else is about to write the same row of the ledger: the migration waits for them.
        let row = format!("INSERT INTO __lectern_schema_migrations VALUES ('{version}', '', '', '', TRUE, 'applied', now(), 1, '')");
        beside(place.database.database(), &row, || {
            let mut child = place.command(&["db", "adopt"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let waiting =
                "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'";
            let found = comes(|| place.number(waiting) == 1);
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(found, "the migration {version} was never in hand");
        });
        assert_eq!(contents(&place.database), before, "killed in {version}");
    }
    assert!(place.ok(&["db", "adopt"]).contains("adopted in "));
}
