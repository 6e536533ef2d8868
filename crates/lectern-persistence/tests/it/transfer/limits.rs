//! Limits on time that a server has for forgotten sessions: a backup or a restore takes as long as it takes.

use super::{archive, assert_same, restore, role::OfRole, rows};
use lectern_persistence::DbError;
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
        number,
    },
};

/// Says whether no limit of a server's on time holds in a session.
const NO_LIMITS: &str = "CREATE FUNCTION no_limits() RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE limited text;
    BEGIN
        SELECT string_agg(name || ' is ' || setting, ', ') INTO limited FROM pg_settings
         WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout') AND setting <> '0';
        IF limited IS NOT NULL THEN RAISE EXCEPTION 'limited: %', limited; END IF;
        RETURN true;
    END$$";

/// Settings of a role or a database that end what takes long.
fn limits(of: &str, version: i64) -> String {
    let mut names = vec!["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
    // Older servers do not know it.
    names.extend((version >= 170_000).then_some("transaction_timeout"));
    names.iter().map(|name| format!("ALTER {of} SET {name} = '1h';")).collect()
}

fn version(test: &TestDatabase) -> i64 {
    test.database()
        .read::<_, DbError>(|conn| number(conn, "SELECT current_setting('server_version_num')::bigint AS number"))
        .expect("a version")
}

#[test]
fn limits_on_time_do_not_end_a_backup_or_a_restore() {
    let Some(source) = OfRole::new() else { return };
    full::fill(source.test(), &Pool::default());
    // Each row that the role reads asks for the limits.
    let watched = format!(
        "{NO_LIMITS}; ALTER TABLE sources ENABLE ROW LEVEL SECURITY; ALTER TABLE sources FORCE ROW LEVEL SECURITY;
         CREATE POLICY watched ON sources USING (no_limits()); {}",
        limits(&format!("ROLE {}", source.role), version(source.test()))
    );
    execute(source.test().database(), &watched);
    let limited = source.open().read::<_, DbError>(|conn| number(conn, "SELECT count(*) AS number FROM sources"));
    assert!(limited.is_err_and(|error| error.to_string().contains("limited: ")), "the limits hold elsewhere");
    let (bytes, _) = archive(&source.open());

    let Some(target) = TestDatabase::postgres() else { return };
    let name = target.url().database_name().expect("a name");
    let watched = format!(
        "{NO_LIMITS}; CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM no_limits(); RETURN NEW; END$$;
         CREATE TRIGGER watch BEFORE INSERT ON sources FOR EACH ROW EXECUTE FUNCTION watch(); {}",
        limits(&format!("DATABASE {name}"), version(&target))
    );
    execute(target.database(), &watched);
    let fresh = target.open(&lectern_persistence::DatabaseOptions::default());
    let limited = fresh.write::<(), DbError>(|tx| {
        use diesel::connection::SimpleConnection as _;
        Ok(tx.conn().batch_execute("INSERT INTO sources (source_name) VALUES ('limited')")?)
    });
    assert!(limited.is_err_and(|error| error.to_string().contains("limited: ")), "the limits hold elsewhere");
    restore(&fresh, &bytes).expect("a restore");
    assert_same(&rows(target.database()), &rows(source.test().database()));
}
