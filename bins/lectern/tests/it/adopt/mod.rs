//! `lectern db adopt`, on the database of an Albert API.

mod interrupted;
mod refused;

use crate::support::{Place, done};
use lectern_testkit::{
    albert::{self, contents},
    database::{execute, number},
    persistence::DbError,
};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A place on such a database with rows of every table.
fn filled() -> Option<Place> {
    albert::filled().map(Place::on)
}

impl Place {
    fn sql(&self, sql: &str) {
        execute(self.database.database(), sql);
    }

    /// A number that the database gives.
    fn number(&self, sql: &str) -> i64 {
        self.database.database().read::<_, DbError>(|conn| number(conn, sql)).unwrap()
    }

    /// What stands in the way, after nothing was changed.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> Vec<Value> {
        let before = contents(&self.database);
        let refused = self.run(&[&["db", "adopt", "--json"], arguments].concat());
        assert_eq!(refused.code, Some(4), "{refused:?}");
        assert!(refused.err.contains("nothing was changed"), "{refused:?}");
        assert_eq!(contents(&self.database), before);
        let json: Value = serde_json::from_str(&refused.out).unwrap();
        json["refused"].as_array().unwrap().clone()
    }
}

/// What is in it beside LangGraph's tables, which nobody takes away.
fn without_shared(place: &Place) -> Vec<String> {
    contents(&place.database).into_iter().filter(|line| !line.contains("checkpoint")).collect()
}

/// The findings' texts with their examples.
fn said(findings: &[Value]) -> Vec<String> {
    let line = |finding: &Value| {
        let examples: Vec<&str> = finding["examples"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        assert!(!finding["remedy"].as_str().unwrap().is_empty(), "{finding}");
        format!("{}: {}", finding["what"].as_str().unwrap(), examples.join("; "))
    };
    findings.iter().map(line).collect()
}

/// The blocks of a kind on the page about adopting.
fn blocks(kind: &str) -> Vec<String> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/adopting.md")).unwrap();
    let fence = format!("```{kind}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_page_s_way_leads_there_and_back() {
    let Some(place) = filled() else { return };
    let commands = blocks("sh").concat();
    assert_eq!(commands.lines().count(), 5, "{commands}");
    let before = contents(&place.database);
    for command in commands.lines() {
        let words: Vec<&str> = command.strip_prefix("lectern ").unwrap().split(' ').collect();
        place.ok(&words);
    }
    assert_eq!(without_shared(&place), before, "the last one gives it back");
    place.ok(&["db", "adopt"]);
    place.sql(&blocks("sql")[0]);
    assert_eq!(place.number("SELECT count(*) AS number FROM pg_namespace WHERE nspname = 'albert_before'"), 0);
    place.ok(&["db", "check"]);
}

#[test]
fn rows_of_every_table_are_taken_over_once() {
    let Some(place) = filled() else { return };
    let before = contents(&place.database);
    let looked = place.json(&["db", "adopt", "--check"]);
    let tried = place.json(&["db", "adopt", "--dry-run"]);
    assert_eq!(contents(&place.database), before, "both only look");
    let adopted = place.json(&["db", "adopt"])["adopted"].clone();
    let (looked, tried) = (&looked["would_adopt"], &tried["would_adopt"]);
    for key in ["time_zone", "tables", "left_out", "grants"] {
        assert_eq!((&looked[key], &tried[key]), (&adopted[key], &adopted[key]), "{key}");
    }
    assert_eq!((looked["migrations"].as_array().unwrap().len(), &looked["milliseconds"]), (0, &Value::Null));
    assert_eq!(tried["migrations"].as_array().unwrap().len(), adopted["migrations"].as_array().unwrap().len());
    assert_eq!((&adopted["time_zone"], &adopted["grants"]), (&json!("Europe/Paris"), &json!([])));

    let tables: Vec<_> =
        adopted["tables"].as_array().unwrap().iter().map(|one| (one["name"].as_str().unwrap(), &one["before"], &one["after"])).collect();
    for (name, rows, _) in &tables {
        let after = place.number(&format!("SELECT count(*) AS number FROM {name}"));
        assert!(tables.contains(&(name, rows, &json!(after))), "{name} has {after} rows: {tables:?}");
        assert_eq!(place.number(&format!("SELECT count(*) AS number FROM albert_before.{name}")), rows.as_i64().unwrap());
    }
    let left_out: Vec<_> = adopted["left_out"].as_array().unwrap().iter().map(|one| json!([one["table"], one["examples"]])).collect();
    let expected = json!([
        ["api_tokens", ["id 2, left-behind"]],
        ["password_reset_tokens", ["id 3"]],
        ["sources", ["id 3, service-public, to id 1", "id 4, service-public, to id 1", "id 5, travail-emploi, to id 2"]],
        ["stream_source", ["stream , source 1"]],
        ["stream_source", ["stream 1, source 3", "stream 4, source 4"]],
        ["feedbacks", ["id 1, user 2, stream 1", "id 3, user 2, stream 1"]],
    ]);
    assert_eq!(json!(left_out), expected);

    assert_eq!(place.json(&["db", "adopt"]), json!({ "already": true }));
    assert_eq!(place.json(&["db", "current", "--check"])["head"], true);
    place.ok(&["db", "check"]);
    let clear = albert::RESET_TOKENS.map(str::to_owned).into_iter().chain([albert::ENDED_SESSION.to_owned(), albert::API_TOKEN.to_owned()]);
    for token in clear {
        let kept = ["blacklist_tokens", "password_reset_tokens"]
            .map(|table| place.number(&format!("SELECT count(*) AS number FROM {table} WHERE token = '{token}'")));
        assert_eq!(kept, [0, 0], "no token stays in clear");
    }
    // Numbers go on after all that were given out, the one of an account that is gone among them.
    place.sql(
        "DO $$ DECLARE number integer; BEGIN
             INSERT INTO users (username, email, email_key, hashed_password) VALUES ('new', 'new@example.org', 'new@example.org', '') RETURNING id INTO number;
             IF number <> 6 THEN RAISE EXCEPTION 'the account has the number %', number; END IF;
             INSERT INTO api_tokens (hash, name, user_id) VALUES ('', '', 6);
             INSERT INTO blacklist_tokens (token) VALUES ('');
             INSERT INTO password_reset_tokens (token, user_id) VALUES ('', 6);
             INSERT INTO chats (chat_type, user_id) VALUES ('meeting', 6);
             INSERT INTO streams (temperature, user_id) VALUES (1, 6) RETURNING id INTO number;
             INSERT INTO feedbacks (type, user_id, stream_id) VALUES ('chat', 6, number);
             INSERT INTO sources (source_name) VALUES ('new') RETURNING id INTO number;
             IF number <> 6 THEN RAISE EXCEPTION 'the source has the number %', number; END IF;
         END $$",
    );
}

#[test]
fn tables_that_others_share_stay_as_those_made_them() {
    let Some(place) = filled() else { return };
    place.sql(
        "CREATE TABLE checkpoint_migrations (v integer PRIMARY KEY, of_ours text); INSERT INTO checkpoint_migrations VALUES (0), (99)",
    );
    let before = contents(&place.database);
    place.ok(&["db", "adopt"]);
    let kept = "SELECT count(*) AS number FROM checkpoint_migrations WHERE v = 99 AND of_ours IS NULL";
    assert_eq!(place.number(kept), 1);
    place.ok(&["db", "adopt", "--undo", "--yes"]);
    assert_eq!(place.number(kept), 1);
    assert!(before.iter().filter(|line| !line.contains("checkpoint")).eq(&without_shared(&place)));
    place.ok(&["db", "adopt"]);
}

#[test]
fn it_can_be_undone() {
    let Some(place) = filled() else { return };
    let before = contents(&place.database);
    place.ok(&["db", "adopt"]);
    place.sql("INSERT INTO sources (source_name) VALUES ('new')");
    let adopted = contents(&place.database);
    let plan = place.run(&["db", "adopt", "--undo"]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
    assert!(plan.out.contains("would revert") && plan.err.contains("--yes"), "{plan:?}");
    assert_eq!(contents(&place.database), adopted);
    place.ok(&["db", "adopt", "--undo", "--yes"]);
    assert_eq!(without_shared(&place), before);
    let again = done(place.command(&["db", "adopt"]));
    assert_eq!(again.code, Some(0), "{again:?}");
}
