//! Rules for the migrations' folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root(backend: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(backend)
}

fn names(backend: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root(backend)).expect("the folder is there");
    entries.map(|entry| entry.expect("readable").file_name().into_string().expect("ASCII")).collect()
}

/// A script without its comments, in lower case.
fn script(backend: &str, name: &str, file: &str) -> String {
    let text = fs::read_to_string(root(backend).join(name).join(file)).unwrap_or_else(|error| panic!("{backend}/{name}/{file}: {error}"));
    text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n").to_lowercase()
}

#[test]
fn both_backends_have_the_same_migrations_of_unique_versions() {
    let names = [names("postgres"), names("sqlite")];
    assert_eq!(names[0], names[1]);
    let versions: BTreeSet<_> = names[0].iter().map(|name| name.split('_').next()).collect();
    assert_eq!(versions.len(), names[0].len(), "a version is there twice");
}

#[test]
fn every_script_keeps_the_rules() {
    for (backend, name) in ["postgres", "sqlite"].iter().flat_map(|backend| names(backend).into_iter().map(move |name| (backend, name))) {
        let (up, down) = (script(backend, &name, "up.sql"), script(backend, &name, "down.sql"));
        let place = format!("{backend}/{name}");
        assert!(!up.trim().is_empty() && !down.trim().is_empty(), "{place}: an empty script");
        assert!(!up.contains("search_path"), "{place}: sets the search path");
        assert!(!up.contains(" enum ") && !up.contains("create type"), "{place}: an enum survives a downgrade; use TEXT and CHECK");
        for line in up.lines() {
            for clause in ["primary key", "unique (", "foreign key", "check ("] {
                let named = line.contains("constraint ") || line.trim_start().starts_with("create unique index");
                assert!(!line.contains(clause) || named, "{place}: a constraint without a name: {line}");
            }
        }
        let metadata = root(backend).join(&name).join("metadata.toml");
        if fs::read_to_string(&metadata).is_ok_and(|text| !text.contains("run_in_transaction = true")) {
            let statements = up.split(';').filter(|part| !part.trim().is_empty()).count();
            assert_eq!(statements, 1, "{place}: without a transaction, one statement");
        }
    }
}

#[test]
fn every_table_has_a_primary_key() {
    for (backend, name) in ["postgres", "sqlite"].iter().flat_map(|backend| names(backend).into_iter().map(move |name| (backend, name))) {
        for table in script(backend, &name, "up.sql").split("create table ").skip(1) {
            let body = table.split(");\n").next().unwrap_or_default();
            assert!(body.contains("primary key"), "{backend}/{name}: no primary key: {body}");
        }
    }
}
