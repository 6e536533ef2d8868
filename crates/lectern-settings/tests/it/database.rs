//! Which database it is.

use crate::support::{from_env, sources};
use lectern_settings::{Settings, SettingsError};

#[track_caller]
fn is(environment: &[(&str, &str)], url: &str, origin: &str) {
    let settings = from_env(environment).expect("settings");
    assert_eq!(settings.database.url.expose(), url, "{environment:?}");
    assert_eq!(settings.origin("database.url").to_string(), origin, "{environment:?}");
    assert_eq!(settings.database.auto_upgrade, url.starts_with("sqlite:"), "{environment:?}");
}

#[test]
fn without_an_address_it_is_a_sqlite_file() {
    is(&[], "sqlite://./data/lectern.sqlite3", "default");
    is(&[("ENV", "prod")], "sqlite://./data/lectern.sqlite3", "default");
    is(&[("LECTERN_DATA_DIR", "/srv/lectern/")], "sqlite:///srv/lectern/lectern.sqlite3", "default");
    is(&[("ENV", "unittest"), ("LECTERN_DATA_DIR", "/srv")], "sqlite::memory:", "default of ENV=unittest");
}

#[test]
fn addresses() {
    let a = "postgres://a@h/x";
    is(&[("DATABASE_URL", a)], a, "alias DATABASE_URL");
    is(&[("POSTGRES_URI", a)], a, "alias POSTGRES_URI");
    is(&[("DATABASE_URL_SYNC", a)], a, "alias DATABASE_URL_SYNC");
    is(&[("LECTERN__DATABASE__URL", a)], a, "env LECTERN__DATABASE__URL");
    is(&[("DATABASE_URL", "sqlite::memory:")], "sqlite::memory:", "alias DATABASE_URL");
    is(&[("DATABASE_URL", "sqlite:////srv/x")], "sqlite:////srv/x", "alias DATABASE_URL");
    for driver in ["asyncpg", "psycopg", "psycopg2"] {
        is(&[("DATABASE_URL", &format!("postgresql+{driver}://a@h/x"))], "postgresql://a@h/x", "alias DATABASE_URL");
    }
    for env in ["unittest", "dev", "staging", "prod"] {
        is(&[("ENV", env), ("DATABASE_URL", a)], a, "alias DATABASE_URL");
        is(&[("ENV", env), ("POSTGRES_URI", a), ("POSTGRES_HOST", "h")], a, "alias POSTGRES_URI");
    }
    is(&[("DATABASE_URL", "postgres+asyncpg://a@h/x")], a, "alias DATABASE_URL");
    is(&[("DATABASE_URL_SYNC", "postgresql+psycopg2://a@h/x")], "postgresql://a@h/x", "alias DATABASE_URL_SYNC");
    is(&[("DATABASE_URL", "sqlite:///srv/x")], "sqlite:///srv/x", "alias DATABASE_URL");
    is(&[("DATABASE_URL", "sqlite://x/y.db")], "sqlite://x/y.db", "alias DATABASE_URL");
    let refused = from_env(&[("DATABASE_URL", "mysql+asyncpg://a:hunter2@h/x")]).expect_err("an error").to_string();
    assert!(refused.starts_with("database.url (alias DATABASE_URL): expected a database URL") && !refused.contains("hunter2"), "{refused}");
}

#[test]
fn what_is_empty_is_not_set() {
    is(&[("DATABASE_URL", ""), ("POSTGRES_HOST", "h")], "postgres://postgres@h:5432/postgres_dev", "alias POSTGRES_HOST");
    is(&[("DATABASE_URL", " "), ("DATABASE_URL_SYNC", "postgres://h/x")], "postgres://h/x", "alias DATABASE_URL_SYNC");
    is(&[("POSTGRES_HOST", ""), ("POSTGRES_USER", "me")], "sqlite://./data/lectern.sqlite3", "default");
}

#[test]
fn env_may_be_said_anywhere() {
    let name = |file: &str, dot_env: &[(&str, &str)], environment: &[(&str, &str)]| {
        let settings = Settings::load(&sources(file, dot_env, environment)).expect("settings");
        settings.database.url.expose().rsplit('/').next().unwrap_or_default().to_owned()
    };
    let host = ("POSTGRES_HOST", "h");
    assert_eq!(name("", &[], &[host]), "postgres_dev", "without one it is dev");
    assert_eq!(name("env = \"prod\"", &[], &[host]), "postgres");
    assert_eq!(name("", &[("ENV", "staging"), host], &[]), "postgres");
    assert_eq!(name("env = \"prod\"", &[], &[host, ("LECTERN__ENV", "dev")]), "postgres_dev");
    let error = from_env(&[("ENV", "production"), host]).expect_err("an error").to_string();
    assert_eq!(error, "env (alias ENV): expected one of \"unittest\", \"dev\", \"staging\", \"prod\", found \"production\"");
}

#[test]
fn an_address_that_comes_first_wins() {
    let all = [
        ("LECTERN__DATABASE__URL", "postgres://h/1"),
        ("DATABASE_URL", "postgres://h/2"),
        ("POSTGRES_URI", "postgres://h/3"),
        ("DATABASE_URL_SYNC", "postgres://h/4"),
        ("POSTGRES_HOST", "h"),
    ];
    for (at, (_, expect)) in all.iter().enumerate().take(4) {
        let settings = from_env(&all[at..]).expect("settings");
        assert_eq!(settings.database.url.expose(), *expect);
    }
    is(&all[4..], "postgres://postgres@h:5432/postgres_dev", "alias POSTGRES_HOST");
}

#[test]
fn a_host_alone() {
    for (env, name) in [("dev", "postgres_dev"), ("staging", "postgres"), ("prod", "postgres"), ("unittest", "postgres")] {
        is(&[("POSTGRES_HOST", "db"), ("ENV", env)], &format!("postgres://postgres@db:5432/{name}"), "alias POSTGRES_HOST");
    }
    let parts = [
        ("POSTGRES_HOST", "::1"),
        ("POSTGRES_PORT", "6000"),
        ("POSTGRES_USER", "me"),
        ("POSTGRES_PASSWORD", "p@ss/w"),
        ("POSTGRES_DB", "n"),
    ];
    is(&parts, "postgres://me:p%40ss%2Fw@[::1]:6000/n", "alias POSTGRES_HOST");
    is(&[("POSTGRES_HOST", "/run/postgresql")], "postgres://postgres@%2Frun%2Fpostgresql:5432/postgres_dev", "alias POSTGRES_HOST");
    let error = from_env(&[("POSTGRES_HOST", "h"), ("POSTGRES_PORT", "x")]).expect_err("an error").to_string();
    assert_eq!(error, "database.url (alias POSTGRES_PORT): expected a port from 0 to 65535, found \"x\"");
}

#[test]
fn places() {
    let load = |file: &str, dot_env: &[(&str, &str)], environment: &[(&str, &str)]| {
        let settings = Settings::load(&sources(file, dot_env, environment))?;
        Ok::<_, SettingsError>(settings.database.url.expose().to_owned())
    };
    let file = "[database]\nurl = \"postgres://h/file\"";
    assert_eq!(load(file, &[], &[]).expect("a URL"), "postgres://h/file");
    // The environment wins over the file; a whole address, in .env too, over a host.
    assert_eq!(load(file, &[], &[("POSTGRES_HOST", "h")]).expect("a URL"), "postgres://postgres@h:5432/postgres_dev");
    assert_eq!(load(file, &[("DATABASE_URL", "postgres://h/dot")], &[("POSTGRES_HOST", "h")]).expect("a URL"), "postgres://h/dot");
    assert_eq!(
        load("", &[("DATABASE_URL", "postgres://h/dot")], &[("POSTGRES_URI", "postgres://h/env")]).expect("a URL"),
        "postgres://h/env"
    );
    // The parts of a host may be spread over both.
    let url = load("", &[("POSTGRES_PASSWORD", "p"), ("POSTGRES_USER", "a")], &[("POSTGRES_HOST", "h"), ("POSTGRES_USER", "b")]);
    assert_eq!(url.expect("a URL"), "postgres://b:p@h:5432/postgres_dev");
}

#[test]
fn auto_upgrade_goes_by_the_backend_unless_it_is_set() {
    let pg = [("DATABASE_URL", "postgres://h/x"), ("LECTERN__DATABASE__AUTO_UPGRADE", "true")];
    assert!(from_env(&pg).expect("settings").database.auto_upgrade);
    assert!(!from_env(&[("LECTERN__DATABASE__AUTO_UPGRADE", "false")]).expect("settings").database.auto_upgrade);
}

#[test]
fn the_vectors_are_in_the_main_database_unless_another_is_named() {
    let of = |environment: &[(&str, &str)]| from_env(environment).expect("settings").vector_database().expose().to_owned();
    assert_eq!(of(&[("DATABASE_URL", "postgres://h/1")]), "postgres://h/1");
    assert_eq!(of(&[("DATABASE_URL", "postgres://h/1"), ("VECTOR_DATABASE_URL", "postgresql+asyncpg://h/2")]), "postgresql://h/2");
}

#[test]
fn the_reference_s_elasticsearch() {
    #[track_caller]
    fn is(environment: &[(&str, &str)], url: Option<&str>, origin: &str) {
        let settings = from_env(environment).expect("settings");
        assert_eq!(settings.elasticsearch.url.as_deref(), url, "{environment:?}");
        assert_eq!(settings.origin("elasticsearch.url").to_string(), origin, "{environment:?}");
    }
    is(&[("ELASTIC_PORT", "9201")], None, "default");
    is(&[("ELASTIC_HOST", "search")], Some("http://search:9200"), "alias ELASTIC_HOST");
    is(&[("ELASTIC_HOST", "https://::1"), ("ELASTIC_PORT", "9201")], Some("https://[::1]:9201"), "alias ELASTIC_HOST");
    let own = ("LECTERN__ELASTICSEARCH__URL", "https://a");
    is(&[("ELASTIC_HOST", "search"), own], Some("https://a"), "env LECTERN__ELASTICSEARCH__URL");
    let error = from_env(&[("ELASTIC_HOST", "a"), ("ELASTIC_PORT", "x")]).expect_err("an error").to_string();
    assert_eq!(error, "elasticsearch.url (alias ELASTIC_PORT): expected a port from 0 to 65535, found \"x\"");
}
