//! The files of `deploy` name settings that exist, versions, and no password.

use crate::support::from_env;
use lectern_settings::{LexicalEngine, Settings, VectorEngine};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const COMPOSE: &str = include_str!("../../../../deploy/compose.yml");
const EXAMPLE: &str = include_str!("../../../../deploy/env.example");
const DOCKERFILE: &str = include_str!("../../../../deploy/Dockerfile");
const TOOLCHAIN: &str = include_str!("../../../../rust-toolchain.toml");

/// What stands for every variable that must be set.
const GIVEN: &str = "given-by-the-operator";

fn services() -> Map<String, Value> {
    let compose: Value = serde_saphyr::from_str(COMPOSE).expect("YAML");
    compose["services"].as_object().expect("services").clone()
}

/// A mapping, with what `<<` brings in.
fn merged(mapping: &Value) -> BTreeMap<String, Value> {
    let mut merged = mapping.get("<<").map(merged).unwrap_or_default();
    let own = mapping.as_object().into_iter().flatten().filter(|(name, _)| *name != "<<");
    merged.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    merged
}

fn environment(service: &Value) -> BTreeMap<String, String> {
    let environment = service.get("environment").map(merged).unwrap_or_default();
    environment.into_iter().map(|(name, value)| (name, value.as_str().expect("a text").to_owned())).collect()
}

/// The name and the rest of `${NAME:?why}` or `${NAME:-default}`.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.strip_suffix('}')?.split_once(':')
}

/// What Compose makes of a value.
fn filled_in(text: &str) -> String {
    match variable(text) {
        Some((_, rest)) => rest.strip_prefix('-').unwrap_or(GIVEN).to_owned(),
        None => text.to_owned(),
    }
}

/// The variables of the image, `ENV` in the Dockerfile.
fn of_the_image() -> BTreeMap<String, String> {
    let (_, after) = DOCKERFILE.split_once("\nENV ").expect("variables");
    let joined = after.replace("\\\n", " ");
    let line = joined.lines().next().expect("a line");
    line.split_whitespace()
        .map(|pair| pair.split_once('=').expect("NAME=value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn load(service: &str) -> Settings {
    let mut variables = of_the_image();
    variables.extend(environment(&Value::Object(merged(&services()[service]).into_iter().collect())));
    let pairs: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), filled_in(value))).collect();
    let unknown: Vec<_> = pairs.iter().filter(|(name, _)| !is_a_setting(name)).collect();
    assert!(unknown.is_empty(), "{service}: {unknown:?}");
    from_env(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).expect("settings")
}

/// Whether a variable is that of a setting, or an alias: others are not looked at, a misspelt one would do nothing.
fn is_a_setting(name: &str) -> bool {
    let of_a_key = lectern_settings::keys::KEYS.iter().any(|key| key.variable() == name || key.aliases.contains(&name));
    of_a_key || ["ENV", "POSTGRES_HOST", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"].contains(&name)
}

#[test]
fn every_setting_that_the_services_name_exists() {
    let laptop = load("lectern-laptop");
    assert_eq!((laptop.search.lexical, laptop.search.vectors), (LexicalEngine::Embedded, VectorEngine::Embedded));
    assert_eq!(laptop.http.listen.to_string(), "0.0.0.0:8080");
    let server = load("lectern");
    assert_eq!((server.search.lexical, server.search.vectors), (LexicalEngine::Elasticsearch, VectorEngine::Qdrant));
    assert_eq!(server.database.url.redacted(), "postgres://lectern:***@postgres:5432/lectern");
    // A server that others reach, on a database that others use, makes no key of its own.
    assert_eq!(server.auth.secret_key.as_ref().map(|key| key.expose().as_str()), Some(GIVEN));
    assert_eq!(services()["lectern"]["command"], serde_json::json!(["lectern-api", "--auto-upgrade"]));
    for profile in ["laptop", "server"] {
        assert!(services().values().any(|service| service["profiles"][0] == profile), "{profile}");
    }
}

#[test]
fn what_is_secret_comes_from_who_runs_it() {
    let mut names = Vec::new();
    for (service, value) in services() {
        for (name, text) in environment(&Value::Object(merged(&value).into_iter().collect())) {
            let secret = ["PASSWORD", "API_KEY", "SECRET_KEY"].iter().any(|word| name.ends_with(word));
            let asked_for = variable(&text).is_some_and(|(_, rest)| rest.starts_with('?'));
            assert_eq!(secret, asked_for, "{service}: {name}={text}");
            names.extend(variable(&text).map(|(name, _)| (name.to_owned(), secret)));
        }
    }
    let example: BTreeMap<&str, &str> =
        EXAMPLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect();
    for (name, secret) in &names {
        let value = example.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not in env.example"));
        assert!(!secret || value.is_empty(), "{name} has a value in env.example");
    }
    assert_eq!(example.keys().filter(|name| !names.iter().any(|(used, _)| used == *name)).count(), 0, "what no service uses");
    assert!(of_the_image().keys().all(|name| is_a_setting(name) && !name.contains("PASSWORD") && !name.contains("SECRET")));
}

#[test]
fn versions_are_pinned() {
    for (service, value) in services() {
        let value = merged(&value);
        let (_, tag) = value["image"].as_str().and_then(|image| image.rsplit_once(':')).unwrap_or_else(|| panic!("{service}: a tag"));
        assert!(tag.split('.').count() >= 3, "{service}: {tag}");
    }
    let bases: Vec<_> = DOCKERFILE.lines().filter_map(|line| line.strip_prefix("FROM ")).collect();
    let channel = TOOLCHAIN.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel").trim_matches('"');
    assert!(bases[0].starts_with(&format!("rust:{channel}-")), "{} builds with another Rust than {channel}", bases[0]);
    assert!(bases[1].split_once(':').is_some_and(|(_, tag)| tag.contains('.')), "{}", bases[1]);
    assert!(DOCKERFILE.contains("\nUSER ") && DOCKERFILE.contains("\nHEALTHCHECK "));
}
