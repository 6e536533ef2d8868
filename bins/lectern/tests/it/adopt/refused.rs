//! What is refused is listed, with what mends it, and changes nothing.

use super::{blocks, filled, said};
use crate::support::{Place, done};
use lectern_testkit::TestDatabase;
use serde_json::{Value, json};

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
