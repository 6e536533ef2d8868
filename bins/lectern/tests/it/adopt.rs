//! `lectern db adopt`, on the database of an Albert API.

use crate::support::{Place, done};
use lectern_testkit::{
    TestDatabase,
    albert::{self, contents},
    database::{beside, execute, number},
    persistence::DbError,
};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Stdio};

/// The most looks at the server while another process works.
const LOOKS: usize = 100_000;

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
fn what_stands_in_or_on_the_schema_is_listed_and_refused() {
    let Some(place) = filled() else { return };
    place.sql(
        "UPDATE alembic_version SET version_num = '0123456789ab';
         CREATE SCHEMA albert_before;
         CREATE TABLE notes (id integer PRIMARY KEY);
         ALTER TABLE users ADD COLUMN nickname text;
         ALTER TABLE chats ALTER COLUMN user_id SET NOT NULL;
         ALTER TABLE feedbacks ADD CHECK (note > 0) NOT VALID;
         DROP INDEX ix_streams_id;
         CREATE INDEX ix_of_ours ON streams (chat_id);
         ALTER TYPE feedback_type ADD VALUE 'other';
         CREATE VIEW readers AS SELECT * FROM users;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER on_chats BEFORE INSERT ON chats FOR EACH ROW EXECUTE FUNCTION f();
         CREATE SCHEMA reports;
         CREATE VIEW reports.per_day AS SELECT count(*) FROM streams;
         CREATE TABLE reports.marks (stream integer REFERENCES streams);
         ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
         CREATE TABLE __lectern_schema_migrations (version text, name text, checksum text, down_script text, in_transaction boolean, state text, applied_at timestamptz,
             milliseconds bigint, application text);
         INSERT INTO __lectern_schema_migrations VALUES ('1', 'accounts', '', '', TRUE, 'applied', now(), 1, '')",
    );
    let expected = [
        "the server knows no such time zone: Europe/Atlantis",
        "the database is not at the head of the Albert API's migrations, f1ec44cacbfe: 0123456789ab",
        "Lectern's migrations count as applied beside the Albert API's tables: accounts",
        "there is a schema of that name already: albert_before",
        "the tables are not those of the Albert API at f1ec44cacbfe: chats: column user_id is integer not null, expected integer; chats: trigger on_chats should not be \
         there: BEFORE INSERT ON public.chats FOR EACH ROW EXECUTE FUNCTION f(); feedbacks: check feedbacks_note_check should not be there: ((note > 0)) NOT VALID; streams: index \
         ix_streams_id is missing: btree (id); streams: index ix_of_ours should not be there: btree (chat_id); users: column nickname should not be there: text; \
         table notes should not be there",
        "there is more in the schema, or less, than the Albert API's migrations make: enum feedback_type: chat, evaluations is missing; enum feedback_type: chat, \
         evaluations, other should not be there; foreign key marks_stream_fkey of reports.marks refers to streams should not be there; function f() should not be \
         there; row security of sources should not be there; view readers should not be there; view reports.per_day reads streams should not be there",
    ];
    let findings = said(&place.refused(&["--time-zone", "Europe/Atlantis"]));
    assert_eq!(findings, expected);
    assert_eq!(said(&place.refused(&["--check", "--time-zone", "Europe/Atlantis"])), expected);
    let people = place.run(&["db", "adopt"]).out;
    assert!(people.contains("\n    0123456789ab\n  what to do: run `alembic upgrade head`"), "{people}");
}

#[test]
fn rows_that_cannot_be_held_are_listed_and_refused() {
    let Some(place) = filled() else { return };
    place.sql(
        r#"UPDATE users SET hashed_password = 'plain' WHERE id = 4;
         UPDATE users SET created_at = 'infinity', updated_at = '0044-03-15 BC' WHERE id = 1;
         INSERT INTO users (username, email, hashed_password, accept_cookie, accept_retrain) SELECT 'equal-' || n, (ARRAY['READER@example.org', 'élève@école.example', 'DECLINED@example.org', 'kelvin@example.org', chr(8490) || 'elvin@example.org'])[n],
             '$2b$12$D4G5f18o7aMMfwasBL7GpurIEoQvv58JRloQ5uW6DHxxAMChet1yy', FALSE, FALSE FROM generate_series(1, 5) AS n;
         UPDATE api_tokens SET hash = upper(hash) WHERE id = 1;
         UPDATE chats SET user_id = NULL WHERE id = 3;
         UPDATE chats SET chat_type = 'qa' WHERE id = 2;
         UPDATE chats SET themes = '"one"' WHERE id = 1;
         UPDATE chats SET operators = '["a\u0000b"]' WHERE id = 1;
         UPDATE streams SET temperature = 'NaN' WHERE id = 1;
         UPDATE streams SET temperature = 2.1 WHERE id = 2;
         UPDATE streams SET rag_sources = '["\ud83d"]', should_sids = '["\ud83d\ude00\\u0000"]', must_not_sids = '["\ude00\ud83d"]', search_sids = '{}' WHERE id = 4;
         UPDATE sources SET source_name = NULL WHERE id = 4;
         UPDATE feedbacks SET user_id = NULL WHERE id = 4;
         UPDATE feedbacks SET stream_id = NULL WHERE id = 5;
         UPDATE feedbacks SET note = 10 WHERE id = 2;
         -- As where rows were restored without their foreign keys.
         ALTER TABLE streams DROP CONSTRAINT streams_chat_id_fkey;
         UPDATE streams SET chat_id = 99 WHERE id = 3;
         ALTER TABLE streams ADD CONSTRAINT streams_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES chats (id) NOT VALID;
         UPDATE pg_constraint SET convalidated = TRUE WHERE conname = 'streams_chat_id_fkey'"#,
    );
    let findings = place.refused(&[]);
    let expected = [
        "users.hashed_password is no hash of bcrypt: id 4, declined",
        "users.created_at is not a time of the years 1 to 9999: id 1, admin",
        "users.updated_at is not a time of the years 1 to 9999: id 1, admin",
        "api_tokens.hash is not 64 hexadecimal digits in lower case: id 1, script",
        "chats.user_id is NULL: they belong to nobody: id 3",
        "chats.chat_type is neither 'evaluations' nor 'meeting': id 2",
        "chats.themes is neither a list nor null: id 1",
        r"chats.operators holds a character that no text of PostgreSQL can hold: \u0000, or half of a surrogate pair: id 1",
        "streams.temperature is not between 0 and 2: id 1; id 2",
        r"streams.rag_sources holds a character that no text of PostgreSQL can hold: \u0000, or half of a surrogate pair: id 4",
        r"streams.must_not_sids holds a character that no text of PostgreSQL can hold: \u0000, or half of a surrogate pair: id 4",
        "streams.search_sids is neither a list nor null: id 4",
        "streams.chat_id names a row of chats that is not there: id 3",
        "sources.source_name is NULL: id 4",
        "feedbacks.user_id is NULL: they belong to nobody: id 4",
        "feedbacks.stream_id is NULL: they are about nothing: id 5",
        "feedbacks.note is not between 0 and 5: id 2",
        "users.email is equal to another one but for its case: they would be one account: id 2 Reader@example.org, id 6 READER@example.org; \
         id 3 Élève@école.example, id 7 élève@école.example; id 4 declined@example.org, id 8 DECLINED@example.org; id 9 kelvin@example.org, id 10 \u{212A}elvin@example.org",
    ];
    assert_eq!(said(&findings), expected);
    // Each query lists its rows.
    for finding in findings.iter().filter(|finding| finding["query"].is_string()) {
        let query = finding["query"].as_str().unwrap();
        assert_eq!(json!(place.number(&format!("SELECT count(*) AS number FROM ({query}) AS rows"))), finding["rows"], "{query}");
    }
    // What the page says mends them all.
    place.sql(&blocks("sql")[1]);
    place.ok(&["db", "adopt"]);
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
fn tables_that_something_changes_as_they_are_made_are_refused() {
    let Some(place) = filled() else { return };
    place.sql(
        "CREATE SCHEMA reports;
         CREATE FUNCTION reports.add() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             IF to_regclass('rate_limits') IS NOT NULL THEN ALTER TABLE rate_limits ADD COLUMN IF NOT EXISTS of_ours text; END IF; END $$;
         CREATE EVENT TRIGGER on_create ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION reports.add()",
    );
    let expected = ["the tables would not be what the migrations make: rate_limits: column of_ours should not be there: text"];
    assert_eq!(said(&place.refused(&[])), expected);
    assert_eq!(said(&place.refused(&["--dry-run"])), expected);
}

#[test]
fn what_is_no_database_of_an_albert_api_is_refused() {
    for database in TestDatabase::all_empty() {
        let place = Place::on(database);
        let refused = place.run(&["db", "adopt", "--json"]);
        assert_eq!(refused.code, Some(4), "{refused:?}");
        let why = if place.database.name() == "sqlite" { "not on PostgreSQL" } else { "no table alembic_version" };
        assert!(refused.out.contains(why), "{refused:?}");
        place.ok(&["db", "upgrade"]);
        if place.database.name() == "postgres" {
            assert_eq!(place.json(&["db", "adopt"]), json!({ "already": true }));
        }
        let nothing = place.run(&["db", "adopt", "--undo", "--yes"]);
        assert_eq!(nothing.code, Some(4), "{nothing:?}");
    }
    let Some(place) = filled() else { return };
    assert!(place.error(4, &["db", "upgrade"]).contains("`lectern db adopt`"));
}

/// A role of the server, gone with this value.
struct Role<'a> {
    place: &'a Place,
    name: String,
}

impl<'a> Role<'a> {
    fn new(place: &'a Place) -> Self {
        let name = format!("{}_reader", place.database.url().database_name().unwrap());
        place.sql(&format!("CREATE ROLE {name} LOGIN PASSWORD 'reader'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"));
        Self { place, name }
    }

    fn url(&self) -> String {
        let url = self.place.database.url().expose();
        let server = url.split_once('@').map_or_else(|| url.trim_start_matches("postgres://"), |(_, server)| server);
        format!("postgres://{}:reader@{server}", self.name)
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        self.place.sql(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name));
    }
}

#[test]
fn a_role_that_may_not_is_told_what_to_have_granted() {
    let Some(place) = filled() else { return };
    let role = Role::new(&place);
    let mut command = place.command(&["db", "adopt", "--json"]);
    command.env("LECTERN__DATABASE__URL", role.url());
    let refused = done(command);
    assert_eq!(refused.code, Some(4), "{refused:?}");
    let json: Value = serde_json::from_str(&refused.out).unwrap();
    let findings = said(json["refused"].as_array().unwrap());
    let (database, name) = (place.database.url().database_name().unwrap().to_owned(), &role.name);
    let missing = format!("GRANT CREATE ON DATABASE {database} TO {name};; GRANT CREATE ON SCHEMA public TO {name};");
    assert_eq!(findings[0], format!("this role may not make schemas or tables: {missing}"));
    assert!(findings[1].starts_with("tables or types belong to another role: table alembic_version belongs to "), "{findings:?}");
    assert!(findings[1].contains("; type feedback_type belongs to "), "{findings:?}");
    assert_eq!(findings.len(), 2, "{findings:?}");
    // Who may read the old tables is told, since nobody but the owner may read the new ones.
    let adopted = place.json(&["db", "adopt"])["adopted"].clone();
    assert!(adopted["grants"].as_array().unwrap().contains(&json!(format!("{name} may SELECT chats"))), "{adopted}");
}

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
            let found = (0..LOOKS).any(|_| place.number(waiting) == 1);
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(found, "the migration {version} was never in hand");
        });
        assert_eq!(contents(&place.database), before, "killed in {version}");
    }
    assert!(place.ok(&["db", "adopt"]).contains("adopted in "));
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
