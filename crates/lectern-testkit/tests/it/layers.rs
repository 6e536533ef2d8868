//! The layers of `docs/ARCHITECTURE.md`: a dependency that the picture does not allow fails here.

use serde_json::Value;
use std::{path::Path, process::Command};

const ADAPTERS: [&str; 4] = ["lectern-persistence", "lectern-vector-store", "lectern-llm", "lectern-corpus"];
const BELOW_SERVICE: &[&str] = &["lectern-domain", "lectern-persistence", "lectern-vector-store", "lectern-llm", "lectern-corpus"];
const BELOW_COMPOSE: &[&str] = &["lectern-domain", "lectern-service", "lectern-http", "lectern-settings"];
const BELOW_PROGRAMS: &[&str] = &["lectern-domain", "lectern-service", "lectern-http", "lectern-settings", "lectern-compose"];

/// What each crate may depend on. Every crate of the workspace is here.
const ALLOWED: [(&str, &[&str]); 12] = [
    ("lectern-domain", &[]),
    ("lectern-persistence", &["lectern-domain"]),
    ("lectern-vector-store", &["lectern-domain"]),
    ("lectern-llm", &["lectern-domain"]),
    ("lectern-corpus", &["lectern-domain"]),
    ("lectern-service", BELOW_SERVICE),
    ("lectern-http", &["lectern-domain", "lectern-service"]),
    ("lectern-settings", &["lectern-domain"]),
    ("lectern-compose", BELOW_COMPOSE),
    ("lectern-testkit", BELOW_SERVICE),
    ("lectern", BELOW_PROGRAMS),
    ("lectern-api", BELOW_PROGRAMS),
];

/// Crates from outside that belong to one room, and who may have them besides the testkit.
const ROOMS: [(&str, &[&str]); 15] = [
    ("diesel", &["lectern-persistence"]),
    ("diesel_migrations", &["lectern-persistence"]),
    ("actix-web", &["lectern-http", "lectern-api"]),
    ("actix-cors", &["lectern-http"]),
    ("actix-multipart", &["lectern-http"]),
    ("reqwest", &["lectern-llm", "lectern-vector-store"]),
    ("tantivy", &["lectern-vector-store"]),
    ("usearch", &["lectern-vector-store"]),
    ("candle-core", &["lectern-llm"]),
    ("text-splitter", &["lectern-corpus"]),
    ("prometheus-client", &["lectern-http"]),
    ("utoipa", &["lectern-http"]),
    ("config", &["lectern-settings"]),
    ("dotenvy", &["lectern-settings"]),
    ("anyhow", &["lectern", "lectern-api", "lectern-compose"]),
];

struct Edge {
    from: String,
    to: String,
    /// Whether it is there for tests alone.
    dev: bool,
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn edges() -> Vec<Edge> {
    let edges_of = |package: &Value| {
        let from = text(package, "name").to_owned();
        let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
        dependencies.into_iter().map(move |to| Edge { from: from.clone(), to: text(&to, "name").to_owned(), dev: to["kind"] == "dev" })
    };
    packages().iter().flat_map(edges_of).collect()
}

fn allowed(from: &str) -> &'static [&'static str] {
    ALLOWED.iter().find(|(name, _)| *name == from).map(|(_, allowed)| *allowed).unwrap_or_default()
}

#[test]
fn crates_depend_on_the_layers_below_alone() {
    let is_ours = |name: &str| ALLOWED.iter().any(|(ours, _)| *ours == name);
    let wrong = |edge: &Edge| {
        let for_tests = edge.dev && edge.to == "lectern-testkit";
        is_ours(&edge.to) && !for_tests && !allowed(&edge.from).contains(&edge.to.as_str())
    };
    let found: Vec<String> = edges().iter().filter(|edge| wrong(edge)).map(|edge| format!("{} → {}", edge.from, edge.to)).collect();
    assert_eq!(found, Vec::<String>::new(), "dependencies that docs/ARCHITECTURE.md does not allow");
}

#[test]
fn crates_from_outside_stay_in_their_rooms() {
    let wrong = |edge: &Edge| {
        let room = ROOMS.iter().find(|(name, _)| *name == edge.to).map(|(_, room)| *room);
        !edge.dev && edge.from != "lectern-testkit" && room.is_some_and(|room| !room.contains(&edge.from.as_str()))
    };
    let found: Vec<String> = edges().iter().filter(|edge| wrong(edge)).map(|edge| format!("{} → {}", edge.from, edge.to)).collect();
    assert_eq!(found, Vec::<String>::new(), "crates from outside in a room that is not theirs");
}

#[test]
fn adapters_do_not_know_each_other() {
    for adapter in ADAPTERS {
        assert_eq!(allowed(adapter), ["lectern-domain"], "{adapter}");
    }
}

#[test]
fn every_crate_has_a_place_in_the_picture_and_a_folder_of_its_name() {
    let map =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md");
    for package in packages() {
        let name = text(&package, "name");
        let folder = Path::new(text(&package, "manifest_path")).parent().and_then(Path::file_name);
        assert!(ALLOWED.iter().any(|(known, _)| *known == name), "{name} has no place in the layers");
        assert_eq!(folder.and_then(|folder| folder.to_str()), Some(name), "the folder of {name}");
        assert!(map.contains(&format!("`{name}`")), "{name} is not in docs/ARCHITECTURE.md");
    }
}
