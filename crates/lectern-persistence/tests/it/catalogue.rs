//! What a database says about its own schema, and what is written down of it.

use crate::support::lines;
use lectern_persistence::catalogue::{Catalogue, Kind};
use lectern_persistence::migrate::{self, Migrator, Revision};
use lectern_persistence::{Backend, Database, DbError};
use lectern_testkit::{TestDatabase, database::execute, on_every_database};

fn read(database: &Database) -> Catalogue {
    database.read(Catalogue::read).expect("the catalogue can be read")
}

#[test]
fn every_migration_does_what_is_written_down_of_it() {
    for test in TestDatabase::all_empty() {
        let recordings = migrate::record(test.url(), &migrate::embedded(test.database().backend())).expect("they run");
        let wrong: Vec<&str> = recordings.iter().filter(|one| !one.is_written).map(|one| one.name.as_str()).collect();
        assert!(
            wrong.is_empty(),
            "catalogue.txt in migrations/{} is missing, or says something else than what is done, of {wrong:?}: write it with `just catalogues`",
            test.name()
        );
        assert_eq!(read(test.database()), Catalogue::default(), "it was done elsewhere");
    }
}

/// A table whose facts are written in ways that the migrations have not, and how it reads.
fn odd(backend: Backend) -> (&'static str, &'static str) {
    match backend {
        Backend::Postgres => (
            r#"CREATE TABLE "Odd ""one""" (a serial PRIMARY KEY, b varchar(10) COLLATE "C" DEFAULT 'x: y' UNIQUE, c int GENERATED ALWAYS AS (a + 1) STORED,
                d int4range, CHECK (a > 0), EXCLUDE USING gist (d WITH &&), CONSTRAINT late UNIQUE (c) DEFERRABLE INITIALLY DEFERRED);
            CREATE TABLE child (id int REFERENCES "Odd ""one""" ON DELETE SET NULL);
            CREATE UNIQUE INDEX latest ON child USING btree (lower(id::text) DESC) WHERE id > 5;
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER quiet BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION nothing();"#,
            r#"table "Odd ""one"""
+ column a: integer not null default nextval('"Odd ""one""_a_seq"'::regclass)
+ column b: character varying(10) collate C default 'x: y'::character varying
+ column c: integer generated always as ((a + 1)) stored
+ column d: int4range
+ primary key "Odd ""one""_pkey": (a)
+ unique "Odd ""one""_b_key": (b)
+ unique late: (c) DEFERRABLE INITIALLY DEFERRED
+ check "Odd ""one""_a_check": ((a > 0))
+ exclude "Odd ""one""_d_excl": USING gist (d WITH &&)
+ sequence "Odd ""one""_a_seq": integer from 1 by 1 within 1 to 2147483647 for a
table child
+ column id: integer
+ foreign key child_id_fkey: (id) REFERENCES "Odd ""one"""(a) ON DELETE SET NULL
+ unique index latest: btree (lower((id)::text) DESC) WHERE (id > 5)
+ trigger quiet: BEFORE INSERT ON public.child FOR EACH ROW EXECUTE FUNCTION nothing()
"#,
        ),
        Backend::Sqlite => (
            r#"CREATE TABLE "Odd ""one""" (a INTEGER CONSTRAINT [The Key] PRIMARY KEY DESC ON CONFLICT FAIL, b VARCHAR(10) COLLATE NOCASE DEFAULT 'x: y' UNIQUE,
                c INT GENERATED ALWAYS AS (a+1) STORED /* a comment, with a ) */, d DEFAULT (1+1) CHECK (d<>-1.5), `e` TEXT NOT NULL DEFAULT -1, CHECK(a>0));
            CREATE TABLE child (id INTEGER REFERENCES "Odd ""one""" (a) ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE UNIQUE,
                PRIMARY KEY ("id" AUTOINCREMENT), CONSTRAINT far FOREIGN KEY (id) REFERENCES child) STRICT;
            ALTER TABLE child ADD COLUMN late TEXT;
            CREATE UNIQUE INDEX latest ON child (lower(id) DESC) WHERE id>5;
            CREATE TRIGGER quiet BEFORE INSERT ON child BEGIN SELECT 1; END;
            CREATE VIRTUAL TABLE words USING fts5(text);"#,
            r#"table child
+ column id: integer
+ column late: text
+ primary key (id) autoincrement
+ unique (id)
+ foreign key (id) references "odd ""one""" (a) on delete set null on update no action not deferrable
+ foreign key far: (id) references child
+ option strict
+ unique index latest: (lower (id) desc) where id > 5
+ trigger quiet: before insert on child begin select 1; end
table "odd ""one"""
+ column a: integer
+ column b: varchar (10) collate nocase default 'x: y'
+ column c: int generated always as (a + 1) stored
+ column d: default (1 + 1)
+ column e: text not null default -1
+ primary key "the key": (a desc) on conflict fail
+ unique (b)
+ check (a > 0)
+ check (d <>- 1.5)
"#,
        ),
    }
}

#[test]
fn tables_in_any_spelling_are_read() {
    for test in TestDatabase::all_empty() {
        let (sql, expect) = odd(test.database().backend());
        execute(test.database(), sql);
        let mut read = read(test.database());
        // Full-text search keeps what it knows in tables of its own.
        let own: Vec<String> = read.tables().map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("words_")).collect();
        assert_eq!(own.is_empty(), test.database().backend() == Backend::Postgres);
        let mut expected = Catalogue::default();
        expected.apply(expect).expect("it is one");
        let changes = expected.changes_to(&read);
        let ours: Vec<&str> = changes.split("table ").filter(|table| !table.is_empty() && !table.starts_with("words_")).collect();
        assert_eq!(ours, Vec::<&str>::new(), "{}", test.name());
        // What is read can be written down and read back.
        let text = Catalogue::default().changes_to(&read);
        let mut again = Catalogue::default();
        again.apply(&text).expect("it can be read");
        assert_eq!(again, read);
        read.apply(&read.changes_to(&Catalogue::default())).expect("it can be taken away");
        assert_eq!(read, Catalogue::default());
    }
}

#[test]
fn sqlite_s_pragmas_say_the_same_as_the_statements() {
    let test = TestDatabase::sqlite();
    let catalogue = read(test.database());
    let told = |sql: &str| {
        let rows = test.database().read::<_, DbError>(|conn| Ok(lines(conn, sql))).expect("readable");
        let mut rows: Vec<String> = rows.into_iter().filter(|row| !row.starts_with("__") && !row.starts_with("sqlite_")).collect();
        rows.sort();
        rows
    };
    let of = |kind: Kind, line: &dyn Fn(&str, &str, &str) -> String| {
        let facts = catalogue.tables().flat_map(|(table, facts)| facts.iter().map(move |(fact, definition)| (table, fact, definition)));
        let mut lines: Vec<String> =
            facts.filter(|(_, fact, _)| fact.kind == kind).map(|(table, fact, definition)| line(table, &fact.name, definition)).collect();
        lines.sort();
        assert!(lines.len() > 5, "{kind:?}: {lines:?}");
        lines
    };
    let columns = "SELECT concat(t.name, ' ', c.name, ' ', lower(c.type), iif(c.\"notnull\", ' not null', ''), ' default ' || lower(c.dflt_value)) AS line
        FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    assert_eq!(of(Kind::Column, &|table, name, definition| format!("{table} {name} {definition}")), told(columns));
    let keys = "SELECT concat(t.name, ' ', group_concat(c.name, ', ' ORDER BY c.pk)) AS line
        FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk > 0 GROUP BY t.name";
    let inner = |definition: &str| definition[1..definition.find(')').expect("it closes")].to_owned();
    assert_eq!(of(Kind::PrimaryKey, &|table, _, definition| format!("{table} {}", inner(definition))), told(keys));
    let references =
        "SELECT concat(t.name, ' (', f.\"from\", ') references ', f.\"table\", ' (', f.\"to\", ') on delete ', lower(f.on_delete)) AS line
        FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";
    assert_eq!(of(Kind::ForeignKey, &|table, _, definition| format!("{table} {definition}")), told(references));
    let uniques = "SELECT concat(t.name, ' ', group_concat(c.name, ', ' ORDER BY c.seqno)) AS line FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND i.origin = 'u' GROUP BY t.name, i.name";
    assert_eq!(of(Kind::Unique, &|table, _, definition| format!("{table} {}", inner(definition))), told(uniques));
}

#[test]
fn drift_is_what_differs_in_tables_of_ours() {
    on_every_database(|test| {
        let drift = || {
            let differences = Migrator::new(test.database()).drift().expect("it can be compared");
            differences.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(drift(), Vec::<String>::new(), "{}", test.name());
        execute(test.database(), "CREATE TABLE of_others (id INTEGER); CREATE INDEX theirs ON of_others (id);");
        assert_eq!(drift(), Vec::<String>::new(), "{}", test.name());
        execute(test.database(), "DROP INDEX ix_chats_user_id; ALTER TABLE chats ADD COLUMN colour TEXT; DROP TABLE stream_runs;");
        let method = if test.database().backend() == Backend::Postgres { "btree " } else { "" };
        let expect = [
            format!("chats: index ix_chats_user_id is missing: {method}(user_id)"),
            "chats: column colour should not be there: text".to_owned(),
            "table stream_runs is missing".to_owned(),
        ];
        assert_eq!(drift(), expect, "{}", test.name());
    });
}

#[test]
fn tables_of_later_migrations_must_not_be_there() {
    on_every_database(|test| {
        let migrator = Migrator::new(test.database());
        let found = read(test.database());
        assert_eq!(migrator.expected_at(&Revision::Head).expect("known").differences(&found), []);
        let before = migrator.expected_at(&Revision::Version("20261121000400".to_owned())).expect("known");
        let said: Vec<String> = before.differences(&found).iter().map(ToString::to_string).collect();
        assert!(said.contains(&"table stream_runs should not be there".to_owned()), "{said:?}");
        assert!(
            said.iter().any(|line| line.starts_with("password_reset_tokens: index ix_password_reset_tokens_created_at should not")),
            "{said:?}"
        );
    });
}
