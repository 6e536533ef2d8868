//! URLs, and what is said when no connection can be made.

use crate::support::{add_source, sources, url, variable};
use lectern_persistence::{Backend, Database, DatabaseOptions, DatabaseUrl, DbError, UrlError, migrate};
use lectern_testkit::TestDatabase;
use std::time::Duration;

fn quick() -> DatabaseOptions {
    DatabaseOptions { connections: 2, acquire_timeout: Duration::from_millis(500), ..DatabaseOptions::default() }
}

#[test]
fn forms_of_urls() {
    #[track_caller]
    fn check(text: &str, backend: Backend, shown: &str) {
        let parsed = url(text);
        assert_eq!((parsed.backend(), parsed.to_string().as_str()), (backend, shown));
    }
    check("sqlite:///abs/x.db", Backend::Sqlite, "sqlite:///abs/x.db");
    check("sqlite:////abs/x.db", Backend::Sqlite, "sqlite:///abs/x.db");
    check("sqlite://rel/x.db", Backend::Sqlite, "sqlite://rel/x.db");
    check("sqlite::memory:", Backend::Sqlite, "sqlite::memory:");
    check("postgres://u:p@h:1/d", Backend::Postgres, "postgresql://u:***@h:1/d");
    for driver in ["asyncpg", "psycopg", "psycopg2"] {
        check(&format!("postgresql+{driver}://u@h/d"), Backend::Postgres, "postgresql://u@h/d");
    }
    check("postgresql://u:p%40/s@h/d?sslmode=require&password=q", Backend::Postgres, "postgresql://u:***@h/d?sslmode=require&password=***");
    for bad in ["", "x", "mysql://h/d", "sqlite://", "sqlite:///", "sqlite:///folder/", "/tmp/x.db", "postgresql+foo://h/d"] {
        assert_eq!(bad.parse::<DatabaseUrl>(), Err(UrlError), "{bad}");
    }
}

#[test]
fn a_password_is_in_no_text() {
    let url = url("postgresql://u:s3cr%20et@127.0.0.1:1/d?sslpassword=other");
    let error = Database::open(&url, &quick()).expect_err("nobody listens");
    let texts = [format!("{url} {url:?}"), error.to_string(), format!("{error:?}")];
    for text in texts {
        assert!(!text.contains("s3cr") && !text.contains("other"), "{text}");
    }
}

#[track_caller]
fn check_failure(place: &DatabaseUrl, parts: &[&str]) {
    let error = Database::open(place, &quick()).expect_err("no connection");
    let text = error.to_string();
    assert!(matches!(error, DbError::Unreachable(_) | DbError::Io { .. }), "{error:?}");
    assert!(!text.contains('\n') && parts.iter().all(|part| text.contains(part)), "{text}");
}

#[test]
fn causes_and_advice() {
    check_failure(&url("postgresql://u:p@127.0.0.1:1/d"), &["Connection refused", "check the port"]);
    check_failure(&url("postgresql://u:p@no-such-host.invalid/d"), &["could not translate host name", "check the host"]);
    let Some(server) = variable("LECTERN_TEST_POSTGRES_URL").map(|text| url(&text)) else { return };
    let shown = server.expose();
    if let Some((user, rest)) = shown.strip_prefix("postgresql://").and_then(|rest| rest.split_once('@')) {
        let wrong = format!("postgresql://{}:wrong-word@{rest}", user.split(':').next().unwrap_or_default());
        let error = Database::open(&url(&wrong), &quick());
        // A server that trusts this machine lets everybody in.
        if let Err(error) = error {
            assert!(error.to_string().contains("check the user and the password"), "{error}");
            assert!(!error.to_string().contains("wrong-word"), "{error}");
        }
    }
}

#[test]
fn files_that_cannot_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plain.txt");
    std::fs::write(&file, "this is a text, long enough to be read as the header of a database: it is none".repeat(20)).expect("written");
    check_failure(&DatabaseUrl::sqlite(&file), &["file is not a database", "choose another path"]);
    check_failure(&DatabaseUrl::sqlite(file.join("below.db")), &["plain.txt"]);
    check_failure(&DatabaseUrl::sqlite(folder.path()), &["unable to open"]);
    check_failure(&DatabaseUrl::sqlite("/proc/lectern/x.db"), &["/proc/lectern"]);
}

#[test]
fn a_missing_file_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/er/lectern.db");
    let database = Database::open(&DatabaseUrl::sqlite(&path), &quick()).expect("made");
    migrate::upgrade(&database).expect("migrated");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_database_in_memory_is_one_database_and_goes() {
    let memory = url("sqlite::memory:");
    let databases = [(); 2].map(|()| Database::open(&memory, &quick()).expect("opened"));
    for database in &databases {
        migrate::upgrade(database).expect("migrated");
    }
    databases[0].write::<_, DbError>(|tx| add_source(tx, "here")).expect("written");
    assert_eq!((sources(&databases[0]).len(), sources(&databases[1]).len()), (1, 0));
}

#[test]
fn a_missing_postgres_database_is_made_by_whoever_comes_first() {
    let Some(test) = TestDatabase::postgres() else { return };
    let name = format!("lectern_test_made_{}", uuid::Uuid::new_v4().simple());
    let missing = test.url().with_database(&name);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Database::open(&missing, &quick()).map(drop).expect("made or found"));
        }
    });
    use diesel::connection::SimpleConnection;
    let drop_it = format!("DROP DATABASE {name} WITH (FORCE)");
    test.database().read::<(), DbError>(|conn| Ok(conn.batch_execute(&drop_it)?)).expect("it was there");
}

#[test]
fn a_lost_connection_is_replaced() {
    use diesel::connection::SimpleConnection;
    let Some(test) = TestDatabase::postgres() else { return };
    let one = test.open(&DatabaseOptions { connections: 1, acquire_timeout: Duration::from_secs(60), ..quick() });
    assert_eq!(sources(&one).len(), 0);
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    test.database().read::<(), DbError>(|conn| Ok(conn.batch_execute(end)?)).expect("ended");
    one.read::<(), DbError>(|conn| Ok(conn.batch_execute("SELECT 1")?)).expect_err("the connection is lost");
    assert_eq!(sources(&one).len(), 0, "the next one works");
}

#[test]
fn an_empty_pool_times_out() {
    for test in TestDatabase::all() {
        let one = test.open(&DatabaseOptions { connections: 1, acquire_timeout: Duration::from_secs(3), ..quick() });
        let inner = one.read::<_, DbError>(|_| Ok(one.read::<(), DbError>(|_| Ok(())))).expect("the outer one");
        assert!(matches!(inner, Err(DbError::PoolTimeout { .. })), "{}: {inner:?}", test.name());
    }
}
