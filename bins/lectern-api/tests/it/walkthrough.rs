//! The README's way from an empty data folder to a streamed answer, on real documents. Where they are absent, the tests say so and pass.

use crate::{
    beside::{cli, json_of},
    support::{Server, command, databases, first_admin},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_methods, reason = "tests are told of outside data by the environment")]
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("LECTERN_SHARED").map(PathBuf::from);
    let shared = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")).join("data");
    if shared.is_dir() {
        return Some(shared);
    }
    println!("skipped: {} is absent", shared.display());
    None
}

/// The text of the events, which end with `[DONE]`.
fn text_of(events: &str) -> String {
    assert!(events.ends_with("data: [DONE]\n\n"), "{events}");
    let content = |event: &str| {
        let value: Value = serde_json::from_str(event.strip_prefix("data: ")?).ok()?;
        Some(value["choices"][0]["delta"]["content"].as_str()?.to_owned())
    };
    events.split("\n\n").filter_map(content).collect()
}

/// Loads a corpus, then asks over HTTP: the answer cites the document that the question is about.
fn walk(corpus: &Path, language: &str, questions: &[(&str, &str)]) {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = database.url().expose();
        assert!(cli(folder.path(), &url, &["db", "upgrade"]).status().expect("an end").success());
        let corpus = corpus.to_str().expect("a path in UTF-8");
        let added = json_of(cli(folder.path(), &url, &["corpus", "add", corpus, "--collection", "documents"]).output().expect("an end"));
        assert_eq!((&added["failed"], &added["language"]), (&json!(0), &json!(language)), "{added}");

        let server = Server::start(command(folder.path()).env("DATABASE_URL", &url));
        let (username, password) = first_admin(folder.path());
        let sign_in = json!({ "username": username, "password": password }).to_string();
        let token = server.ask("POST", "/api/v2/sign_in", None, &sign_in).json()["token"].as_str().expect("a token").to_owned();
        for (question, document) in questions {
            let body = json!({ "model_name": "lectern-extractive", "mode": "rag", "query": question }).to_string();
            let stream = server.ask("POST", "/api/v2/stream", Some(&token), &body).json()["id"].to_string();
            let answer = server.ask("GET", &format!("/api/v2/stream/{stream}/start"), Some(&token), "");
            let text = text_of(&answer.body);
            let kept = server.ask("GET", &format!("/api/v2/stream/{stream}"), Some(&token), "").json();
            let cited = |number: usize| text.contains(&format!("[{number}]"));
            let sources = kept["rag_sources"].as_array().expect("sources");
            let sids: Vec<Value> = (0..sources.len())
                .filter(|place| cited(place + 1))
                .map(|place| server.ask("GET", &format!("/api/v2/get_chunk/{}", sources[place].as_str().expect("an id")), Some(&token), ""))
                .map(|chunk| chunk.json()["sid"].clone())
                .collect();
            assert!(sids.contains(&json!(document)), "{question}: {text} cites {sids:?} on {}", database.name());
        }
        assert_eq!(server.stop().0, 0);
    }
}

#[test]
fn administrative_sheets() {
    let Some(shared) = shared() else { return };
    walk(&shared.join("service-public/corpus.jsonl"), "fr", SHEETS);
}

#[test]
fn abstracts() {
    let Some(shared) = shared() else { return };
    walk(&shared.join("cranfield/corpus.jsonl"), "en", ABSTRACTS);
}

/// Questions, each with the id of the sheet that answers it.
const SHEETS: &[(&str, &str)] = &[
    ("Comment donner procuration pour voter ?", "F1604"),
    ("Qui peut bénéficier d'un congé de paternité et d'accueil de l'enfant ?", "F3156"),
    ("Comment obtenir un acte de mariage ?", "F1432"),
    ("À quoi sert la journée défense et citoyenneté ?", "F871"),
    ("Que faire en cas de fraude à la carte bancaire ?", "F31324"),
];

/// Questions, each with the id of an abstract that answers it.
const ABSTRACTS: &[(&str, &str)] = &[
    ("what is the effect of a slipstream on the lift of a wing ?", "1"),
    ("how does the boundary layer behave on a flat plate in shear flow ?", "3"),
    ("which similarity laws hold for aerothermoelastic testing ?", "486"),
];
