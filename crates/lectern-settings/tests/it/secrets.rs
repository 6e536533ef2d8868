//! Secrets are shown nowhere, and may come from files.

use crate::support::{from_env, from_file, sources};
use lectern_settings::{Flag, Secret, Settings, SettingsError, Sources};
use std::path::{Path, PathBuf};

const SECRET: &str = "hunter2-Zq";

fn file_with(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

/// Everything that settings can be shown as.
fn all_shows(settings: &Settings, sources: &Sources) -> String {
    format!(
        "{settings:?} {:?} {} {sources:?} {}",
        settings.describe(),
        serde_json::to_string(&settings.describe()).expect("JSON"),
        serde_json::to_string(settings).expect("JSON"),
    )
}

#[test]
fn a_secret_shows_as_stars() {
    let secret = Secret::new(SECRET.to_owned());
    assert_eq!(format!("{secret} {secret:?} {}", serde_json::to_string(&secret).expect("JSON")), "*** *** \"***\"");
    assert_eq!(secret.expose(), SECRET);
}

#[test]
fn no_secret_is_shown_whatever_it_came_from() {
    let url = format!("postgres://me:{SECRET}@db/x?password={SECRET}");
    let file = format!(
        "[database]\nurl = \"{url}\"\n[auth]\nsecret_key = \"{SECRET}\"\nfirst_admin_password = \"{SECRET}\"\n\
         [llm]\nkey = \"{SECRET}\"\n[[llm.endpoints]]\nurl = \"http://a\"\nkey = \"{SECRET}\"\n[embeddings]\nkey = \"{SECRET}\"\n\
         [elasticsearch]\npassword = \"{SECRET}\"\n[qdrant]\napi_key = \"{SECRET}\"\n[pgvector]\nurl = \"{url}\""
    );
    let endpoints = format!("[{{\"url\":\"http://a\",\"key\":\"{SECRET}\"}}]");
    let variables = [
        ("DATABASE_URL", url.as_str()),
        ("SECRET_KEY", SECRET),
        ("FIRST_ADMIN_PASSWORD", SECRET),
        ("ALBERT_MODELS_API_KEY", SECRET),
        ("LECTERN__LLM__ENDPOINTS", &endpoints),
        ("LECTERN__EMBEDDINGS__KEY", SECRET),
    ];
    let with_flag = Sources { flags: vec![Flag::new("--secret-key", "auth.secret_key", SECRET)], ..sources(&file, &[], &[]) };
    for sources in [sources(&file, &[], &[]), sources("", &variables, &[]), sources("", &[], &variables), with_flag] {
        let settings = Settings::load(&sources).expect("settings");
        let shown = all_shows(&settings, &sources);
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(shown.contains("***"), "{shown}");
        assert_eq!(settings.auth.secret_key.as_ref().map(|secret| secret.expose().as_str()), Some(SECRET));
        assert_eq!(settings.llm.endpoints[0].key.as_ref().map(|secret| secret.expose().as_str()), Some(SECRET));
        assert!(settings.database.url.expose().contains(SECRET));
    }
}

#[test]
fn no_secret_is_in_an_error() {
    let bad: [Result<Settings, SettingsError>; 8] = [
        from_file(&format!("[auth]\nsecret_key = [\"{SECRET}\"]")),
        from_file(&format!("[auth]\nsecret_key = \"{SECRET}\nx")),
        from_file(&format!("[database]\nurl = \"mysql://me:{SECRET}@db/x\"")),
        from_file(&format!("[[llm.endpoints]]\nurl = \"http://me:{SECRET}@a\"")),
        from_file(&format!("[llm]\nendpoints = [{{ url = \"http://a\", key = [\"{SECRET}\"] }}]")),
        from_file(&format!("[embeddings]\nurl = \"http://me:{SECRET}@a\"")),
        from_env(&[("MODELS_URLS", &format!("['http://me:{SECRET}@a']"))]),
        from_env(&[("DATABASE_URL", &format!("//me:{SECRET}@db"))]),
    ];
    for result in bad {
        let error = result.expect_err("an error");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn every_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = file_with(folder.path(), "key", &format!("{SECRET}\r\n"));
    let key = key.to_str().expect("a path");
    let url = file_with(folder.path(), "url", "postgres://me@db/x\n");
    let url = url.to_str().expect("a path");

    let file = format!("[auth]\nsecret_key_file = {key:?}\n[[llm.endpoints]]\nurl = \"http://a\"\nkey_file = {key:?}");
    let environment = [
        ("FIRST_ADMIN_PASSWORD_FILE", key),
        ("LECTERN__EMBEDDINGS__KEY_FILE", key),
        ("ALBERT_MODELS_API_KEY_FILE", key),
        ("DATABASE_URL_FILE", url),
    ];
    let settings = Settings::load(&sources(&file, &[], &environment)).expect("settings");
    let secrets = [
        &settings.auth.secret_key,
        &settings.auth.first_admin_password,
        &settings.embeddings.key,
        &settings.llm.key,
        &settings.llm.endpoints[0].key,
    ];
    for secret in secrets {
        assert_eq!(secret.as_ref().map(|secret| secret.expose().as_str()), Some(SECRET));
    }
    assert_eq!(settings.database.url.expose(), "postgres://me@db/x");
    assert_eq!(settings.origin("auth.first_admin_password").to_string(), "alias FIRST_ADMIN_PASSWORD_FILE");
    assert_eq!(settings.origin("embeddings.key").to_string(), "env LECTERN__EMBEDDINGS__KEY_FILE");
    assert_eq!(settings.origin("auth.secret_key").to_string(), "file lectern.toml");

    // A higher place wins, whichever of the two forms it has.
    let settings = Settings::load(&sources(&file, &[], &[("SECRET_KEY", "plain")])).expect("settings");
    assert_eq!(settings.auth.secret_key, Some(Secret::from("plain")));
}

#[test]
fn blanks_are_part_of_a_secret() {
    let secret = Some(Secret::from(" a b "));
    assert_eq!(from_file("[auth]\nsecret_key = \" a b \"").expect("settings").auth.secret_key, secret);
    assert_eq!(from_env(&[("SECRET_KEY", " a b ")]).expect("settings").auth.secret_key, secret);
}

#[test]
fn a_secret_and_its_file_in_one_place_are_refused() {
    let twice = |result: Result<Settings, SettingsError>| assert!(matches!(result, Err(SettingsError::Twice { .. })));
    let folder = tempfile::tempdir().expect("a folder");
    let key = file_with(folder.path(), "key", SECRET);
    let key = key.to_str().expect("a path");
    twice(from_file(&format!("[auth]\nsecret_key = \"a\"\nsecret_key_file = {key:?}")));
    twice(from_env(&[("SECRET_KEY", "a"), ("SECRET_KEY_FILE", key)]));
    twice(from_env(&[("LECTERN__AUTH__SECRET_KEY", "a"), ("LECTERN__AUTH__SECRET_KEY_FILE", key)]));
}

#[test]
fn files_that_hold_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing");
    let cases = [
        (missing, "No such file"),
        (file_with(folder.path(), "empty", "\n"), "it is empty"),
        (file_with(folder.path(), "large", &"x".repeat(70_000)), "it is larger than 64 KiB"),
    ];
    for (path, expect) in cases {
        let error = from_env(&[("SECRET_KEY_FILE", path.to_str().expect("a path"))]).expect_err("an error").to_string();
        assert!(error.starts_with("the file of auth.secret_key ") && error.contains(expect), "{error}");
    }
}
